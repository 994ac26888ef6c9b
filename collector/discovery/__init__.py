"""Finding printers: networks are swept, and whoever answers as a printer is named."""

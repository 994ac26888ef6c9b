"""All that knows pysnmp: the driver that asks with it, and the ear that hears traps and informs with it."""

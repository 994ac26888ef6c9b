"""The script that Streamlit runs for every click; what it does is in shell.py, which is imported once."""

from dashboard.shell import draw

draw()

"""The script that Streamlit runs for every click; what it does is in shell.py, which is imported once."""

from dashboard.shell import draw

if __name__ == "__main__":  # as which Streamlit runs it
    draw()

"""The command, as ``python -m physio_vad``."""

from physio_vad.cli import main

if __name__ == "__main__":
    main()

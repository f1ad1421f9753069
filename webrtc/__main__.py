"""`python -m webrtc` is the command `webrtc`."""

from webrtc.cli import main

main()

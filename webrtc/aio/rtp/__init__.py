"""Senders, receivers and transceivers. webrtc-pc §5."""

"""Datagrams: the seam, the operating system's sockets, and the driver that feeds a core."""

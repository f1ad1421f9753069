"""The asyncio shell: the W3C objects, sockets and one timer around the composed core."""

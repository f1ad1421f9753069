"""The command `webrtc`. Needs the extra `cli`."""

NEEDED = {"aiohttp", "click", "rich"}


def main() -> None:
    """Run the command line, or say what is missing for it."""
    try:
        from webrtc.cli.commands import webrtc
    except ModuleNotFoundError as error:
        package = (error.name or "").split(".")[0]
        if package not in NEEDED:
            raise
        hint = f"the command line needs {package}: pip install asyncio-webrtc[cli]"
        raise SystemExit(hint) from None
    except KeyboardInterrupt:  # while what is needed was loaded
        raise SystemExit(130) from None
    webrtc(prog_name="webrtc")

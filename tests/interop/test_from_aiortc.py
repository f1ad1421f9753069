"""docs/from-aiortc.md: the program that is ported there does the same on aiortc itself."""

import re
import subprocess

import pytest

from tests.docs.markdown import ROOT
from tests.interop.piped import AIORTC
from tests.support import PATIENCE

PAGE = (ROOT / "docs" / "from-aiortc.md").read_text()


@pytest.mark.interop
def test_the_program_before_prints_what_the_ported_one_does() -> None:
    before, printed = re.findall(r"^```(?:py|text)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    done = subprocess.run(
        [str(AIORTC), "-c", before],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, printed), done.stderr

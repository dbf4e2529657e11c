"""The command line as a function."""

from typing import Any, NamedTuple

import pytest
import rich

from lamina.cli import main


class Done(NamedTuple):
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


@pytest.fixture
def lamina(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.setattr(rich, "_console", None)
    monkeypatch.delenv("LAMINA_DEBUG", raising=False)

    def run(*arguments: Any) -> Done:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        code = ended.value.code
        return Done(code if isinstance(code, int) else 0, said.out, said.err)

    return run

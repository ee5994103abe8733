"""Metrics by regular expression, as SageMaker reads them from a training job's log."""

import re

from .failure import JobFailure


class Metrics:
    """The last value that each expression found."""

    def __init__(self, definitions: dict[str, str]) -> None:
        self._definitions = {name: re.compile(expression) for name, expression in definitions.items()}
        self.values: dict[str, float] = {}

    def read(self, line: str) -> None:
        """Takes a line of the log."""
        for name, expression in self._definitions.items():
            found = expression.search(line)
            if found:
                try:
                    self.values[name] = float(found.group(1))
                except ValueError as error:
                    raise JobFailure(f"the metric '{name}' must be a number, got '{found.group(1)}'") from error

    def check(self, script: str) -> None:
        """Without a value no trial can be compared with another."""
        missing = [name for name in self._definitions if name not in self.values]
        if missing:
            raise JobFailure(f"the script {script} must print {', '.join(missing)}, got no line that the regular expression finds")

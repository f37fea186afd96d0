"""The one error of this package that is a finding, not a fault."""


class NotEstimable(ValueError):
    """The data are valid, but do not determine the quantity asked for.

    Parameters
    ----------
    reason : str
        Why, in plain words; fit to be printed in a table.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

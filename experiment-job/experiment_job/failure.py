"""What ends a job."""


class JobFailure(Exception):
    """A reason that the user of the pipeline can act on."""

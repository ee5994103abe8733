"""Makes the archive of a job's code a program: `python3 <archive>.zip`."""

from experiment_job.main import main

main()

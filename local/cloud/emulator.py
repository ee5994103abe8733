"""Serves the emulator, and leaves its alarms to the stand-in: local/alarms. Takes the arguments of hypercorn after the app.

By itself the emulator evaluates an alarm at each PutMetricData, over the values of all metrics of the name, whatever their dimensions.
"""
import inspect
import sys

from hypercorn.__main__ import main
from ministack.services import cloudwatch

EVALUATE = "_evaluate_alarm"
CALLERS = ("_evaluate_all_alarms", "_put_metric_alarm", "cloudformation_put_metric_alarm")

for name in (EVALUATE, *CALLERS):
    function = getattr(cloudwatch, name, None)
    if function is None or EVALUATE not in inspect.getsource(function):
        sys.exit(f"ministack.services.cloudwatch has changed: {name} does not evaluate alarms by {EVALUATE} any more. See local/cloud/emulator.py")
setattr(cloudwatch, EVALUATE, lambda alarm: None)

sys.exit(main(["ministack.app:app", *sys.argv[1:]]))

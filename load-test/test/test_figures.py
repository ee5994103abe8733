import unittest

from botocore.exceptions import ClientError

from load_test.figures import MAX_ERRORS, Window, merge, merge_payloads, percentile


def model_error(status: int) -> ClientError:
    return ClientError({"Error": {"Code": "ModelError", "Message": "bad"}, "OriginalStatusCode": status}, "InvokeEndpoint")


def held(window: Window, cpu: float = 10, lag: float = 1, seconds: float = 2) -> dict:
    return {**window.report(), "seconds": seconds, "cpuPercent": cpu, "lagMs": lag}


class FiguresTest(unittest.TestCase):
    def test_percentiles_are_the_nearest_rank(self) -> None:
        times = {float(value): 1 for value in range(1, 101)}
        self.assertEqual([percentile(times, share) for share in (0.5, 0.9, 0.99)], [50, 90, 99])

    def test_the_percentile_of_one_value_is_it(self) -> None:
        self.assertEqual(percentile({7.0: 1}, 0.99), 7)

    def test_the_percentile_of_nothing_is_0(self) -> None:
        self.assertEqual(percentile({}, 0.5), 0)

    def test_throughput_counts_successes_and_each_workers_own_time(self) -> None:
        one, other = Window(), Window()
        for _ in range(20):
            one.add(10, None, None)
        for _ in range(30):
            other.add(30, None, None)
        other.add(500, model_error(500), None)
        figures = merge([held(one, seconds=2), held(other, seconds=3)])
        self.assertEqual((figures["requests"], figures["failures"], figures["tps"]), (51, 1, 20))
        self.assertEqual((figures["p50Ms"], figures["p99Ms"]), (30, 30))

    def test_the_most_loaded_worker_stands_for_all(self) -> None:
        figures = merge([held(Window(), cpu=20, lag=90), held(Window(), cpu=95, lag=2)])
        self.assertEqual((figures["workerCpuPercent"], figures["workerLagMs"]), (95, 90))

    def test_errors_are_counted_by_kind_and_status_over_all_workers(self) -> None:
        one, other = Window(), Window()
        one.add(1, model_error(400), "broken.json")
        for _ in range(3):
            other.add(1, model_error(500), None)
        other.add(1, model_error(400), "broken.json")
        errors = merge([held(one), held(other)])["errors"]
        self.assertEqual([(error["status"], error["count"]) for error in errors], [(500, 3), (400, 2)])
        self.assertIn("payload broken.json: ", errors[1]["message"])

    def test_payloads_that_failed_are_named_with_their_share(self) -> None:
        window = Window()
        window.add(1, None, "good.json")
        window.add(1, model_error(400), "broken.json")
        window.add(1, model_error(400), "broken.json")
        self.assertEqual(merge_payloads([window.report()]), [{"name": "broken.json", "requests": 2, "failures": 2}])

    def test_latencies_keep_three_digits(self) -> None:
        window = Window()
        window.add(12.3456, None, None)
        self.assertEqual(merge([held(window)])["p50Ms"], 12.3)

    def test_a_flood_of_different_errors_is_counted_and_not_kept(self) -> None:
        window = Window()
        for status in range(200):
            window.add(1, model_error(status), None)
        report = window.report()
        self.assertEqual((report["failures"], len(report["errors"])), (200, MAX_ERRORS))

    def test_no_worker_at_all_gives_figures_of_nothing(self) -> None:
        self.assertEqual(merge([])["tps"], 0)


if __name__ == "__main__":
    unittest.main()

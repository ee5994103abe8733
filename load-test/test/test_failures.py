import unittest

from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from load_test.failures import classify


def client_error(code: str, status: int, **more: object) -> ClientError:
    response = {"Error": {"Code": code, "Message": "words"}, "ResponseMetadata": {"HTTPStatusCode": status}, **more}
    return ClientError(response, "InvokeEndpoint")


class HttpError(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(f"{status} of a Locust file")
        self.response = type("Response", (), {"status_code": status})()


class FailuresTest(unittest.TestCase):
    def expect(self, error: Exception, kind: str, code: str, status: "int | None") -> None:
        failure = classify(error)
        self.assertEqual((failure.kind, failure.code, failure.status), (kind, code, status))

    def test_an_error_of_the_model_has_the_status_of_its_container(self) -> None:
        self.expect(client_error("ModelError", 424, OriginalStatusCode=400), "model", "ModelError", 400)

    def test_too_many_requests_are_throttled(self) -> None:
        self.expect(client_error("ThrottlingException", 400), "throttled", "ThrottlingException", 400)
        self.expect(client_error("ModelNotReadyException", 429), "throttled", "ModelNotReadyException", 429)

    def test_faults_of_the_service_are_the_servers(self) -> None:
        self.expect(client_error("ServiceUnavailable", 503), "server", "ServiceUnavailable", 503)
        self.expect(client_error("InternalFailure", 500), "server", "InternalFailure", 500)

    def test_other_answers_of_400_are_refused(self) -> None:
        self.expect(client_error("ValidationError", 400), "refused", "ValidationError", 400)
        self.expect(client_error("AccessDeniedException", 403), "refused", "AccessDeniedException", 403)

    def test_no_answer_in_time_is_a_timeout(self) -> None:
        self.expect(ReadTimeoutError(endpoint_url="http://x"), "timeout", "ReadTimeoutError", None)
        self.expect(ConnectTimeoutError(endpoint_url="http://x"), "timeout", "ConnectTimeoutError", None)

    def test_no_connection_is_one_of_connection(self) -> None:
        self.expect(EndpointConnectionError(endpoint_url="http://x"), "connection", "EndpointConnectionError", None)
        self.expect(ConnectionResetError("reset"), "connection", "ConnectionResetError", None)

    def test_a_failure_of_a_locust_file_is_told_by_its_status(self) -> None:
        self.expect(HttpError(503), "server", "HttpError", 503)
        self.expect(HttpError(429), "throttled", "HttpError", 429)
        self.expect(AssertionError("not a cat"), "model", "AssertionError", None)

    def test_a_text_is_a_failure_too(self) -> None:
        self.assertEqual(classify("not a cat").message, "not a cat")


if __name__ == "__main__":
    unittest.main()

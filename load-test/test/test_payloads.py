import io
import os
import tempfile
import unittest
import zipfile

import boto3

from load_test.payloads import MAX_BYTES, PayloadProblem, load_payloads
from test.stub import Stub, service_error


class PayloadsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.stub = Stub(lambda _: service_error(500, "InternalFailure", "not here"))
        self.addCleanup(self.stub.close)
        self.s3 = boto3.client("s3", endpoint_url=self.stub.url, aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")

    def load(self, place: str, is_archive: bool = False) -> "dict[str, bytes]":
        return {payload.name: payload.body for payload in load_payloads(place, is_archive, self.s3)}

    def test_one_object(self) -> None:
        self.stub.objects["in/one.json"] = b"1"
        self.assertEqual(self.load("s3://bucket/in/one.json"), {"one.json": b"1"})

    def test_all_objects_under_a_prefix(self) -> None:
        self.stub.objects.update({"in/one.json": b"1", "in/deep/two.json": b"2", "in/deep/": b"", "other": b"3"})
        self.assertEqual(self.load("s3://bucket/in/"), {"one.json": b"1", "deep/two.json": b"2"})

    def test_the_files_of_an_archive(self) -> None:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as files:
            files.writestr("a.json", b"1")
            files.writestr("b/c.json", b"2")
        self.stub.objects["asset.zip"] = archive.getvalue()
        self.assertEqual(self.load("s3://bucket/asset.zip", is_archive=True), {"a.json": b"1", "b/c.json": b"2"})

    def test_a_zip_file_may_itself_be_a_payload(self) -> None:
        self.stub.objects["asset.zip"] = b"PK"
        self.assertEqual(self.load("s3://bucket/asset.zip"), {"asset.zip": b"PK"})

    def test_a_local_file_and_a_local_folder(self) -> None:
        folder = tempfile.mkdtemp()
        with open(os.path.join(folder, "a.json"), "wb") as file:
            file.write(b"1")
        self.assertEqual(self.load(folder), {"a.json": b"1"})
        self.assertEqual(self.load(os.path.join(folder, "a.json")), {"a.json": b"1"})

    def test_fails_when_a_payload_is_larger_than_sagemaker_takes(self) -> None:
        self.stub.objects.update({"in/good": b"1", "in/large": bytes(MAX_BYTES + 1)})
        with self.assertRaisesRegex(PayloadProblem, "payload in/large must have at most 6291456 bytes .* got 6291457"):
            self.load("s3://bucket/in/")

    def test_fails_when_there_is_none(self) -> None:
        with self.assertRaisesRegex(PayloadProblem, "there is no payload in s3://bucket/in/"):
            self.load("s3://bucket/in/")


if __name__ == "__main__":
    unittest.main()

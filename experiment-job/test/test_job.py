"""What needs no package but Python's own, and the real git."""

import contextlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import unittest
import zipfile
from pathlib import Path
from unittest import mock

from experiment_job import repository
from experiment_job.commands import install, run, stream
from experiment_job.credentials import answer
from experiment_job.failure import JobFailure
from experiment_job.main import call, main, named, register, unpack
from experiment_job.metrics import Metrics
from experiment_job.settings import Settings, read_settings
from experiment_job.tracking import Tracking

ENVIRONMENT = {
    "EXPERIMENT_STAGE": "train", "EXPERIMENT_SCRIPT": "train.py", "DVC_REPO_URL": "https://git.example.com/data.git", "DVC_BRANCH": "trial",
    "DVC_REMOTE_NAME": "storage", "DVC_REMOTE_URL": "s3://bucket/dvc", "MLFLOW_EXPERIMENT_NAME": "houses", "EXPERIMENT_TRIAL": "one",
    "TRAINING_JOB_NAME": "job-1",
}


class JobTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve()
        code = self.root / "input" / "data" / "code"
        code.mkdir(parents=True)
        self.program = code / "code.zip"
        with zipfile.ZipFile(self.program, "w") as archive:
            archive.writestr("user/train.py", "print('hello')")
            archive.writestr("user/lib/more.py", "")
        environment = mock.patch.dict(os.environ, {"PATH": os.environ["PATH"], "HOME": str(self.root), **ENVIRONMENT}, clear=True)
        environment.start()
        self.addCleanup(environment.stop)
        silence = contextlib.redirect_stdout(io.StringIO())
        self.output = silence.__enter__()
        self.addCleanup(silence.__exit__, None, None, None)

    def settings(self, *arguments: str, **environment: str) -> Settings:
        os.environ.update(environment)
        return read_settings(self.program, list(arguments))


class SettingsTest(JobTest):
    def test_the_root_of_the_folders_is_found_from_the_program(self) -> None:
        self.assertEqual(self.settings().root, self.root)

    def test_hyperparameters_become_arguments_by_name(self) -> None:
        (self.root / "input" / "config").mkdir()
        (self.root / "input" / "config" / "hyperparameters.json").write_text('{"learning_rate": "1", "depth": "6"}')
        self.assertEqual(self.settings().arguments, ["--depth", "6", "--learning_rate", "1"])

    def test_fails_when_a_variable_is_missing(self) -> None:
        with self.assertRaisesRegex(JobFailure, "DVC_BRANCH is not set: the job was not started by an ExperimentPipeline"):
            self.settings(DVC_BRANCH="")

    def test_fails_when_the_stage_is_unknown(self) -> None:
        with self.assertRaisesRegex(JobFailure, "EXPERIMENT_STAGE must be one of process, train, evaluate, register, got 'bake'"):
            self.settings(EXPERIMENT_STAGE="bake")


class OutputTest(JobTest):
    def script(self, **environment: str) -> Settings:
        settings = self.settings(**environment)
        settings.code.mkdir(parents=True)
        settings.data.mkdir()
        (settings.code / "train.py").write_text(
            "import os\nprint(os.environ.get('SM_OUTPUT_DATA_DIR', 'none'), os.path.isdir(os.environ.get('SM_OUTPUT_DATA_DIR', '')))",
        )
        return settings

    def said(self, settings: Settings) -> str:
        lines: list[str] = []
        call(settings, {}, lines.append)
        return "".join(lines).strip()

    def test_what_an_evaluation_keeps_is_beside_its_result(self) -> None:
        settings = self.script(EXPERIMENT_STAGE="evaluate")
        self.assertEqual(self.said(settings), f"{settings.result / 'data'} True")

    def test_what_a_training_keeps_is_where_sagemaker_packs_it(self) -> None:
        settings = self.script()
        self.assertEqual(self.said(settings), f"{settings.root / 'output' / 'data'} True")

    def test_a_processing_script_has_its_outputs_alone(self) -> None:
        settings = self.script(EXPERIMENT_STAGE="process")
        self.assertEqual(self.said(settings), "none False")


class RegistrationTest(JobTest):
    def register(self, script: str) -> dict:
        settings = self.settings(EXPERIMENT_STAGE="register", EXPERIMENT_TRAINING_JOB="job-1")
        settings.code.mkdir(parents=True)
        (settings.code / "train.py").write_text(script)
        folder = settings.root / "processing" / "input" / "model"
        folder.mkdir(parents=True)
        (self.root / "model.onnx").write_text("a model")
        with tarfile.open(folder / "model.tar.gz", "w:gz") as archive:
            archive.add(self.root / "model.onnx", "model.onnx")
        register(settings)
        return json.loads((settings.result / "result.json").read_text())

    def says(self, content: str) -> dict:
        return self.register(f"import os\nopen(os.environ['SM_OUTPUT_DATA_DIR'] + '/registered.json', 'w').write({content!r})")

    def test_what_the_script_says_that_it_registered_is_the_result(self) -> None:
        self.assertEqual(self.says('{"version": "1"}'), {"registered": {"version": "1"}})

    def test_a_script_need_not_say_anything(self) -> None:
        self.assertEqual(self.register(""), {"registered": {}})

    def test_the_script_has_the_model_and_no_clone(self) -> None:
        self.register(
            "import os\nprint(open(os.environ['SM_MODEL_DIR'] + '/model.onnx').read(), 'DVC_REPOSITORY' in os.environ, os.getcwd())",
        )
        self.assertIn(f"a model False {self.root / 'code'}\n", self.output.getvalue())

    def test_the_script_has_no_run_where_mlflow_has_none(self) -> None:
        self.register("import os\nprint('run:', os.environ.get('MLFLOW_RUN_ID'))")
        self.assertIn("run: None\n", self.output.getvalue())

    def test_fails_with_the_last_lines_of_the_script(self) -> None:
        with self.assertRaisesRegex(JobFailure, "train.py ended with exit code 1: (.|\n)*the registry is closed"):
            self.register("raise ValueError('the registry is closed')")

    def test_fails_when_it_says_no_object(self) -> None:
        for content in ("[1]", "version 1"):
            with self.subTest(content), tempfile.TemporaryDirectory() as folder:
                self.root = Path(folder).resolve()
                self.program = self.root / "input" / "data" / "code" / "code.zip"
                with self.assertRaisesRegex(JobFailure, "train.py must write an object of JSON to registered.json, got b'(.1.|version 1)'"):
                    self.says(content)

    def test_fails_when_it_says_too_much(self) -> None:
        with self.assertRaisesRegex(JobFailure, "train.py must write at most 16384 bytes to registered.json, got 16397"):
            self.says(json.dumps({"version": "1" * 16382}))


class CodeTest(JobTest):
    def test_scripts_are_unpacked_beside_each_other(self) -> None:
        settings = self.settings()
        unpack(settings)
        self.assertTrue((settings.code / "train.py").is_file())
        self.assertTrue((settings.code / "lib" / "more.py").is_file())

    def test_fails_when_the_script_is_not_there(self) -> None:
        with self.assertRaisesRegex(JobFailure, "the script other.py must be in the folder of the code, got none"):
            unpack(self.settings(EXPERIMENT_SCRIPT="other.py"))

    def test_fails_when_requirements_cannot_be_installed(self) -> None:
        requirements = self.root / "requirements.txt"
        requirements.write_text("not a requirement")
        with self.assertRaisesRegex(JobFailure, "installing requirements.txt: .* ended with exit code 1: (.|\n)*not a requirement"):
            install(requirements)

    def test_arguments_are_parameters(self) -> None:
        self.assertEqual(named(["--train-test-split-ratio", "0.2", "--depth", "6"]), {"train_test_split_ratio": "0.2", "depth": "6"})

    def test_fails_when_a_program_is_not_in_the_image(self) -> None:
        with self.assertRaisesRegex(JobFailure, "cloning: the image has no 'no-such-program': add it to the image or to requirements.txt"):
            run(["no-such-program"], self.root, "cloning")

    def test_the_reason_of_a_failure_is_in_its_file_and_in_the_exit_code(self) -> None:
        os.environ["EXPERIMENT_SCRIPT"] = "other.py"
        with mock.patch.object(sys, "argv", [str(self.program)]), self.assertRaises(SystemExit) as ended:
            main()
        self.assertEqual(ended.exception.code, 1)
        self.assertEqual((self.root / "output" / "failure").read_text(), "the script other.py must be in the folder of the code, got none")


class ScriptTest(JobTest):
    def call(self, text: str) -> list[str]:
        script = self.root / "script.py"
        script.write_text(text)
        lines: list[str] = []
        stream([sys.executable, str(script)], self.root, dict(os.environ), lines.append)
        return lines

    def test_lines_of_a_script_are_logged_and_read(self) -> None:
        self.assertEqual(self.call("print('loss: 1')"), ["loss: 1\n"])
        self.assertIn("loss: 1\n", self.output.getvalue())

    def test_fails_with_the_last_lines_of_a_script(self) -> None:
        with self.assertRaisesRegex(JobFailure, "script.py ended with exit code 1: (.|\n)*ValueError: no rows"):
            self.call("raise ValueError('no rows')")

    def test_fails_with_the_signal_that_ended_a_script(self) -> None:
        with self.assertRaisesRegex(JobFailure, "script.py ended with signal 9"):
            self.call("import os; os.kill(os.getpid(), 9)")


class MetricsTest(unittest.TestCase):
    def test_the_last_value_counts(self) -> None:
        metrics = Metrics({"error": r"error: ([0-9.]+)"})
        metrics.read("error: 3\n")
        metrics.read("error: 2.5\n")
        self.assertEqual(metrics.values, {"error": 2.5})

    def test_fails_when_a_metric_was_never_printed(self) -> None:
        metrics = Metrics({"error": r"error: ([0-9.]+)", "rows": r"rows: (\d+)"})
        metrics.read("rows: 3\n")
        with self.assertRaisesRegex(JobFailure, "the script train.py must print error, got no line"):
            metrics.check("train.py")

    def test_fails_when_a_metric_is_no_number(self) -> None:
        with self.assertRaisesRegex(JobFailure, "the metric 'error' must be a number, got 'big'"):
            Metrics({"error": r"error: (\w+)"}).read("error: big\n")


class CredentialsTest(unittest.TestCase):
    def test_git_is_answered_in_its_own_protocol(self) -> None:
        self.assertEqual(answer(json.dumps({"username": "me", "password": "p"})), "username=me\npassword=p\n")

    def test_fails_when_the_secret_has_another_form(self) -> None:
        with self.assertRaisesRegex(ValueError, "the secret of the git repository must have the key 'password'"):
            answer(json.dumps({"username": "me", "token": "p"}))

    def test_fails_when_a_value_would_begin_another_line(self) -> None:
        with self.assertRaisesRegex(ValueError, "the key 'username'"):
            answer(json.dumps({"username": "me\nhost=evil", "password": "p"}))


class RepositoryTest(JobTest):
    def test_fails_when_the_branch_does_not_exist(self) -> None:
        bare = self.root / "origin.git"
        subprocess.run(["git", "init", "--quiet", "--bare", str(bare)], check=True)
        with self.assertRaisesRegex(JobFailure, "must have the branch 'trial', got none of that name"):
            repository.clone(self.settings(DVC_REPO_URL=str(bare)), "trial")

    def test_fails_when_the_repository_does_not_answer(self) -> None:
        with self.assertRaisesRegex(JobFailure, "looking for the branch: git ended with exit code 128"):
            repository.clone(self.settings(DVC_REPO_URL=str(self.root / "nowhere")), "trial")

    def test_fails_when_an_output_was_not_written(self) -> None:
        settings = self.settings(EXPERIMENT_OUTPUTS="data/train,data/test")
        (settings.data / "data" / "train").mkdir(parents=True)
        with self.assertRaisesRegex(JobFailure, "the script train.py must write data/train, data/test in the repository, got no data/test"):
            repository.publish(settings, "message")

    def test_git_knows_the_author_and_the_helper_by_the_environment_alone(self) -> None:
        repository.configure_git(self.settings(USER="ada", GIT_SECRET_ARN="arn"))
        name = subprocess.run(["git", "config", "user.name"], capture_output=True, text=True, check=True, cwd=self.root).stdout
        helper = subprocess.run(["git", "config", "credential.helper"], capture_output=True, text=True, check=True, cwd=self.root).stdout
        self.assertEqual(name, "ada\n")
        self.assertIn("-m experiment_job.credentials", helper)


class TrackingTest(JobTest):
    def test_a_job_goes_on_without_mlflow_and_says_so(self) -> None:
        os.environ["MLFLOW_TRACKING_URI"] = "http://127.0.0.1:9"
        with mock.patch.dict(sys.modules, {"mlflow": None, "mlflow.tracking": None}):
            tracking = Tracking(self.settings())
            tracking.begin({})
        tracking.metrics({"error": 1})
        self.assertEqual(tracking.run_id, "")
        self.assertIn("not tracked: ", self.output.getvalue())

    def test_nothing_is_tried_without_a_uri(self) -> None:
        tracking = Tracking(self.settings())
        tracking.begin({})
        self.assertEqual((tracking.run_id, self.output.getvalue()), ("", ""))


if __name__ == "__main__":
    unittest.main()

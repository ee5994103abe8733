"""git's credential helper for a repository by URL: reads a secret when git asks. Run as a program by git alone."""

import json
import os
import sys


def answer(secret: str) -> str:
    """What git's credential protocol expects of a helper, made of a secret's text."""
    values = json.loads(secret)
    for name in ("username", "password"):
        value = values.get(name)
        if not isinstance(value, str) or value == "" or "\n" in value:
            raise ValueError(f"the secret of the git repository must have the key '{name}'")
    return f"username={values['username']}\npassword={values['password']}\n"


def main() -> None:
    """`get` alone: nothing is stored."""
    if sys.argv[1:] != ["get"]:
        return
    import boto3  # of the user's requirements or of the image

    client = boto3.client("secretsmanager")
    sys.stdout.write(answer(client.get_secret_value(SecretId=os.environ["GIT_SECRET_ARN"])["SecretString"]))


if __name__ == "__main__":
    main()

"""Gives the manifests of a LabelingExport to Label Studio, and reads back what people have labelled.

    aws s3 sync "s3://$BUCKET/labels" labels
    python label.py send labels --classes up,down
    python label.py fetch labels.jsonl

The address of Label Studio is LABEL_STUDIO_URL, and LABEL_STUDIO_TOKEN is the token of a user.
"""
import argparse
import base64
import json
import os
import pathlib
import sys
import urllib.error
import urllib.request
from xml.sax.saxutils import quoteattr

PREFIX = "edge: "


def call(method, path, body=None):
    url = os.environ.get("LABEL_STUDIO_URL", "http://127.0.0.1:8080").rstrip("/") + path
    request = urllib.request.Request(url, method=method, data=None if body is None else json.dumps(body).encode(), headers={
        "Authorization": "Token " + os.environ["LABEL_STUDIO_TOKEN"], "Content-Type": "application/json",
    })
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        sys.exit(f"Label Studio answered {method} {path} with {error.code}: {error.read().decode()[:500]}")


def projects():
    found = call("GET", "/api/projects/?page_size=1000")["results"]
    return {project["title"]: project["id"] for project in found if project["title"].startswith(PREFIX)}


def config(classes):
    choices = "".join(f"<Choice value={quoteattr(name)}/>" for name in classes)
    return f'<View><Image name="image" value="$image"/><Choices name="label" toName="image" required="true">{choices}</Choices></View>'


def file_of(folder, uri):
    """The file of an object. The folder is a copy of a prefix of the bucket, so that its path is the end of the key."""
    parts = uri.split("/", 3)[3].split("/")
    for start in range(len(parts)):
        path = folder.joinpath(*parts[start:])
        if path.is_file():
            return path
    sys.exit(f"{uri} is not in {folder}: copy pictures and manifests")


def task(folder, line, classes):
    picture = base64.b64encode(file_of(folder, line["source-ref"]).read_bytes()).decode()
    made = {"data": {"image": f"data:image/png;base64,{picture}", "source-ref": line["source-ref"], "metadata": line["metadata"]}}
    top = next((output["top"][0] for output in line["metadata"]["prediction"] if "top" in output), None)
    if top is not None and top["class"] < len(classes):  # what the model said is shown, to be confirmed or changed
        choice = {"from_name": "label", "to_name": "image", "type": "choices", "value": {"choices": [classes[top["class"]]]}}
        made["predictions"] = [{"model_version": line["metadata"]["version"], "score": top["score"], "result": [choice]}]
    return made


def send(folder, classes):
    known = projects()
    for manifest in sorted(folder.rglob("manifest.jsonl")):
        lines = [json.loads(line) for line in manifest.read_text().splitlines()]
        pictures = [line for line in lines if line["source-ref"].endswith(".png")]
        first = lines[0]["metadata"]
        title = PREFIX + " ".join([first["fleet"], first["model"], *manifest.relative_to(folder).parts[-5:-1]])[:44]
        if title in known:
            print(f"{title}: there already")
            continue
        project = call("POST", "/api/projects/", {"title": title, "label_config": config(classes)})["id"]
        call("POST", f"/api/projects/{project}/import", [task(folder, line, classes) for line in pictures])
        print(f"{title}: {len(pictures)} pictures, {len(lines) - len(pictures)} other tensors left out")


def fetch(output):
    count = 0
    with output.open("w") as file:
        for project in projects().values():
            for made in call("GET", f"/api/projects/{project}/export?exportType=JSON"):
                results = [result for annotation in made["annotations"] if not annotation["was_cancelled"] for result in annotation["result"]]
                labels = sorted({choice for result in results for choice in result["value"]["choices"]})
                if labels:
                    data = made["data"]
                    file.write(json.dumps({"source-ref": data["source-ref"], "labels": labels, "metadata": data["metadata"]}) + "\n")
                    count += 1
    print(f"{count} labels in {output}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    sending = commands.add_parser("send", help="make a project of each manifest")
    sending.add_argument("folder", type=pathlib.Path, help="a copy of the prefix of the labels")
    sending.add_argument("--classes", required=True, help="the names of the model's classes in their order, with commas between")
    fetching = commands.add_parser("fetch", help="write what has been labelled, as JSON lines")
    fetching.add_argument("output", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.command == "send":
        send(arguments.folder, arguments.classes.split(","))
    else:
        fetch(arguments.output)


if __name__ == "__main__":
    main()

const { uri, sha256 } = JSON.parse(fs.readFileSync("manifest.json", "utf8")).bootstrap;
const [, bucket, key] = /^s3:..([^/]+)[/](.+)$/.exec(uri);
console.log(bucket, key, sha256);

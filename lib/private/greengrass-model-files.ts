import * as fs from 'node:fs';
import { AssetStaging } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { ArchiveAsset } from './archive-asset';
import { gunzip } from './gzip';
import type { ArchiveFile } from './neo-request';
import { readTar } from './tar';

/** The files of a model package that was made in this app; undefined for one that is in S3 alone. */
export function packagedFiles(model: IConstruct): ArchiveFile[] | undefined {
  const archive = model.node.children.find((child) => child instanceof ArchiveAsset);
  const staging = archive?.node.children.find((child) => child instanceof AssetStaging);
  const tar = staging && gunzip(fs.readFileSync(staging.absoluteStagedPath));
  return tar && readTar(tar);
}

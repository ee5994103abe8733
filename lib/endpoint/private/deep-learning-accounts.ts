/**
 * The accounts whose ECR registries hold AWS's Deep Learning Containers, by region.
 *
 * Taken on 2026-11-27 from aws/sagemaker-python-sdk, commit a24812666d25 (2026-08-21), sagemaker-core/src/sagemaker/core/image_uri_config:
 * `sagemaker-tritonserver.json` for the regions of the partitions aws and aws-cn, `djl-lmi.json` for the others. Where both files, and
 * `FactName.DLC_REPOSITORY_ACCOUNT` of aws-cdk-lib 2.263.0, name a region, they agree; aws-cdk-lib has no account for several of them.
 */
export const DEEP_LEARNING_ACCOUNTS: Readonly<Record<string, string>> = {
  'af-south-1': '626614931356',
  'ap-east-1': '871362719292',
  'ap-east-2': '975050140332',
  'ap-northeast-1': '763104351884',
  'ap-northeast-2': '763104351884',
  'ap-northeast-3': '364406365360',
  'ap-south-1': '763104351884',
  'ap-south-2': '772153158452',
  'ap-southeast-1': '763104351884',
  'ap-southeast-2': '763104351884',
  'ap-southeast-3': '907027046896',
  'ap-southeast-4': '457447274322',
  'ap-southeast-5': '550225433462',
  'ap-southeast-6': '633930458069',
  'ap-southeast-7': '590183813437',
  'ca-central-1': '763104351884',
  'ca-west-1': '204538143572',
  'cn-north-1': '727897471807',
  'cn-northwest-1': '727897471807',
  'eu-central-1': '763104351884',
  'eu-central-2': '380420809688',
  'eu-isoe-west-1': '371248457586',
  'eu-north-1': '763104351884',
  'eu-south-1': '692866216735',
  'eu-south-2': '503227376785',
  'eu-west-1': '763104351884',
  'eu-west-2': '763104351884',
  'eu-west-3': '763104351884',
  'eusc-de-east-1': '204133271717',
  'il-central-1': '780543022126',
  'me-central-1': '914824155844',
  'me-south-1': '217643126080',
  'mx-central-1': '637423239942',
  'sa-east-1': '763104351884',
  'us-east-1': '763104351884',
  'us-east-2': '763104351884',
  'us-gov-east-1': '446045086412',
  'us-gov-west-1': '442386744353',
  'us-iso-east-1': '886529160074',
  'us-isob-east-1': '094389454867',
  'us-isof-east-1': '303241398832',
  'us-isof-south-1': '454834333376',
  'us-west-1': '763104351884',
  'us-west-2': '763104351884',
};

/** Of the partitions in which the same file lists no Triton container. */
export const WITHOUT_TRITON = /^(us-gov|us-iso[a-z]?|eu-iso[a-z]?|eusc)-/;

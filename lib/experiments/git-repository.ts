import { aws_iam as iam, Stack, Token, type aws_codecommit as codecommit, type aws_secretsmanager as secretsmanager } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { validateText, ValidationError } from '../private/validation';
import type { BoundRepository } from './private/bound-repository';

/** How a repository is reached that is not in CodeCommit, for `GitRepository.fromUrl`. */
export interface UrlRepositoryOptions {
  /**
   * A secret with the keys `username` and `password`, for example a user's name and an access token. Jobs read it when git asks for a
   * password; it is in no environment variable and in no URL.
   * @default - git asks nobody: the repository must be public, and nobody can push
   */
  readonly credentials?: secretsmanager.ISecret;
}

/** The git repository beside a `DvcStore`: it holds the code, and the small `.dvc` files that say which data belong to a commit. */
export abstract class GitRepository {
  /**
   * A repository of CodeCommit. A role is all that a job needs: there are no git credentials.
   *
   * CodeCommit was closed to new customers in July 2024. Look whether your account may create repositories before you rely on it.
   *
   * What clones it needs the package `git-remote-codecommit` from PyPI.
   */
  public static fromCodeCommit(repository: codecommit.IRepository): GitRepository {
    return new CodeCommitRepository(repository);
  }

  /**
   * A repository anywhere else, by its URL.
   * @param url `https://…`, without a user's name or password in it
   */
  public static fromUrl(url: string, options: UrlRepositoryOptions = {}): GitRepository {
    return new UrlRepository(url, options);
  }

  /** Call it once a construct.
   * @internal */
  public abstract _bind(scope: Construct): BoundRepository;

  /** What `git clone` takes.
   * @internal */
  public abstract _url(scope: Construct): string;
}

/** What CodeCommit asks for in a clone or a pull, and in a push. */
const PULL = ['codecommit:GitPull'];
const PUSH = ['codecommit:GitPush'];

class CodeCommitRepository extends GitRepository {
  public constructor(private readonly repository: codecommit.IRepository) {
    super();
  }

  public _url(scope: Construct): string {
    const { region } = this.repository.env;
    return `codecommit::${Token.isUnresolved(region) ? Stack.of(scope).region : region}://${this.repository.repositoryName}`;
  }

  public _bind(scope: Construct): BoundRepository {
    const { repositoryArn: arn, repositoryName: name } = this.repository;
    const grant = (grantee: iam.IGrantable, actions: string[]): iam.Grant => (
      iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [arn] })
    );
    return {
      environment: { DVC_REPO_URL: this._url(scope) },
      codeCommit: { name, arn },
      grantPull: (grantee) => grant(grantee, PULL),
      grantPush: (grantee) => grant(grantee, [...PULL, ...PUSH]),
    };
  }
}

class UrlRepository extends GitRepository {
  public constructor(private readonly url: string, private readonly options: UrlRepositoryOptions) {
    super();
    validateText(undefined, 'URL of a git repository', url, {
      min: 9, max: 1024, pattern: /^https:\/\/[^\s/@]+\/\S+$/, wanted: "a URL like 'https://git.example.com/team/data.git', without a user's name in it",
    });
  }

  public _url(): string {
    return this.url;
  }

  public _bind(scope: Construct): BoundRepository {
    const { credentials } = this.options;
    if (credentials === undefined) {
      return { environment: { DVC_REPO_URL: this.url }, grantPull: () => undefined };
    }
    const got = credentials.env.region;
    const { region } = Stack.of(scope);
    if (!Token.isUnresolved(got) && !Token.isUnresolved(region) && got !== region) {
      throw new ValidationError(scope, `credentials of a git repository must be in the region of the stack, ${region}, got ${got}`);
    }
    const grantRead = (grantee: iam.IGrantable): iam.Grant => readOf(grantee, credentials);
    return {
      environment: { DVC_REPO_URL: this.url, GIT_SECRET_ARN: credentials.secretArn },
      grantPull: grantRead,
      grantPush: grantRead,
    };
  }
}

/** `ISecret.grantRead` would add DescribeSecret, which git's helper does not call. */
function readOf(grantee: iam.IGrantable, secret: secretsmanager.ISecret): iam.Grant {
  const grant = iam.Grant.addToPrincipalOrResource({
    grantee, actions: ['secretsmanager:GetSecretValue'], resourceArns: [secret.secretFullArn ?? `${secret.secretArn}-??????`], resource: secret,
  });
  secret.encryptionKey?.grantDecrypt(grantee);
  return grant;
}

import type { IResource } from 'aws-cdk-lib';
import {
  ArnFormat, aws_iam as iam, aws_iot as iot, Resource, Stack, Token, type aws_kms as kms,
  type aws_secretsmanager as secretsmanager, type CustomResource,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type {
  DeviceCertificateData, DeviceCertificateProperties, DeviceCertificateType, DeviceKeyData, DeviceKeyProperties, DeviceKeyType,
} from './private/contract';
import { deviceSecret } from './private/device-secret';
import { identifyBy } from './private/logical-ids';
import { IdentityProvider } from './private/provider';
import { literalThingName } from '../private/thing-name';
import { shortHash } from '../private/naming';
import { claim } from '../private/physical-names';
import { validateInteger, validateText, ValidationError } from '../private/validation';
import { DeviceCertificateGrants } from './device-certificate-grants';
import { acknowledgeWildcards } from '../private/nag/acknowledge';

/** An X.509 certificate with which a device authenticates itself. */
export interface IDeviceCertificate extends IResource, iot.ICertificateRef {
  /**
   * The ARN of the certificate.
   * @attribute
   */
  readonly certificateArn: string;

  /**
   * The ID of the certificate: 64 hexadecimal digits.
   * @attribute
   */
  readonly certificateId: string;

  /**
   * The ARN of the secret that holds the private key and the certificate. The secret is a JSON object with `privateKeyPem`,
   * `certificatePem`, `certificateArn`, `certificateId` and `thingName`.
   * @default - no secret: the device has the key
   */
  readonly secretArn?: string;

  /**
   * The KMS key that encrypts the secret.
   * @default - the secret has none of its own, or it is not known here
   */
  readonly encryptionKey?: kms.IKeyRef;
}

/** Attributes of an existing certificate. */
export interface DeviceCertificateAttributes {
  /** The ARN of the certificate. */
  readonly certificateArn: string;

  /**
   * The ARN of the secret with the private key, in the format of `IDeviceCertificate.secretArn`.
   *
   * @default - the key is not in a secret
   */
  readonly secretArn?: string;

  /**
   * The KMS key that encrypts the secret. Grants on the secret include it only if it is known here.
   *
   * @default - the key of the account for Secrets Manager
   */
  readonly encryptionKey?: kms.IKeyRef;
}

/** Options for a certificate of a device. */
export interface DeviceCertificateOptions {
  /**
   * A certificate signing request that the device made: PEM, PKCS #10, for an RSA key of at least 2048 bits, or an EC key on P-256,
   * P-384 or P-521. The private key never leaves the device. A change of the request replaces the certificate.
   *
   * @default - a key (EC P-256) and a request are made during deployment; the key goes into a secret and nowhere else
   */
  readonly certificateSigningRequest?: string;

  /**
   * A number that tells this certificate of the thing from another one. Increase it to renew the certificate: the new key and
   * certificate are made, and the ones before are deleted. A whole number from 1 to 999,999.
   *
   * @default - no number: the thing has one certificate in this stack
   */
  readonly serial?: number;

  /**
   * The KMS key that encrypts the secret with the private key. The handler that makes the key, and who may read the secret, get the
   * rights on it that they need, through Secrets Manager alone. The policy of the key must let IAM policies of its account grant them, as
   * that of a `kms.Key` does by default. For an imported key, see to it yourself.
   *
   * @default - the key of the account for Secrets Manager
   */
  readonly encryptionKey?: kms.IKeyRef;
}

/** Properties of a `DeviceCertificate`. */
export interface DeviceCertificateProps extends DeviceCertificateOptions {
  /** The thing that the certificate is attached to. A change of the thing replaces the certificate and its key. */
  readonly thing: iot.IThingRef;

  /** The role alias through which the device obtains AWS credentials. The certificate may use no other. */
  readonly roleAlias: iot.IRoleAliasRef;
}

abstract class DeviceCertificateBase extends Resource implements IDeviceCertificate {
  public abstract readonly certificateArn: string;
  public abstract readonly certificateId: string;
  public abstract readonly secretArn?: string;
  public abstract readonly encryptionKey?: kms.IKeyRef;

  /** Grant methods for this certificate. */
  public get grants(): DeviceCertificateGrants {
    return DeviceCertificateGrants.fromDeviceCertificate(this);
  }

  public get certificateRef(): iot.CertificateReference {
    return { certificateId: this.certificateId, certificateArn: this.certificateArn };
  }
}

/**
 * Defines the X.509 certificate of a device, attached to its thing and to an IoT policy with
 * `iot:AssumeRoleWithCertificate` on one role alias.
 *
 * The key and the signing request are made once. They are in the secret before the certificate is requested, so that a retry uses the
 * same key. The key is in no template, property, response, log or state machine.
 *
 * All of it is deleted with the stack. The attachments go first. IoT detaches the thing with a delay, which is waited for. Then the
 * certificate and the secret are deleted, the secret without a recovery window.
 *
 * Key and certificate belong to the name of the thing. They stay when the construct gets another id, or another place in its stack. Another
 * name, and another stack, are another device: the certificate and its key are deleted, and the device needs the new ones. See
 * `docs/upgrades.md`.
 *
 * To renew a certificate, increase its `serial`.
 */
export class DeviceCertificate extends DeviceCertificateBase {
  /** Import an existing certificate. */
  public static fromDeviceCertificateAttributes(scope: Construct, id: string, attrs: DeviceCertificateAttributes): IDeviceCertificate {
    class Import extends DeviceCertificateBase {
      public readonly certificateArn = attrs.certificateArn;
      public readonly certificateId = Stack.of(scope).splitArn(attrs.certificateArn, ArnFormat.SLASH_RESOURCE_NAME).resourceName ?? '';
      public readonly secretArn = attrs.secretArn;
      public readonly encryptionKey = attrs.encryptionKey;
    }
    return new Import(scope, id, { environmentFromArn: attrs.certificateArn });
  }

  /** Import an existing certificate whose key is on the device. */
  public static fromCertificateArn(scope: Construct, id: string, certificateArn: string): IDeviceCertificate {
    return DeviceCertificate.fromDeviceCertificateAttributes(scope, id, { certificateArn });
  }

  public readonly certificateArn: string;
  public readonly certificateId: string;
  public readonly secretArn?: string;
  public readonly encryptionKey?: kms.IKeyRef;

  /** The certificate in PEM. It is public. */
  public readonly certificatePem: string;

  /** The serial, if there is one.
   * @internal */
  public readonly _serial: readonly string[];

  public constructor(scope: Construct, id: string, props: DeviceCertificateProps) {
    super(scope, id);
    if (props.certificateSigningRequest?.includes('PRIVATE KEY')) {
      throw new ValidationError(this, 'certificateSigningRequest must not hold a private key');
    }
    validateText(this, 'certificateSigningRequest', props.certificateSigningRequest, {
      pattern: /^\s*-----BEGIN (NEW )?CERTIFICATE REQUEST-----[^-]+-----END (NEW )?CERTIFICATE REQUEST-----\s*$/,
      wanted: 'a PEM block that begins with -----BEGIN CERTIFICATE REQUEST-----',
    });

    if (Token.isUnresolved(props.serial)) {
      throw new ValidationError(this, 'serial must be a number that is known at synth, got one that only the deployment knows');
    }
    validateInteger(this, 'serial', props.serial, 1, 999_999);
    if (props.encryptionKey && props.certificateSigningRequest !== undefined) {
      throw new ValidationError(this, 'encryptionKey is for the secret with the private key, got it and a certificateSigningRequest, '
        + 'with which the key never leaves the device');
    }
    this.encryptionKey = props.encryptionKey;

    // Another thing gets other resources throughout, made before the old ones go: an update never has to undo a key.
    const serial = props.serial === undefined ? [] : [String(props.serial)];
    this._serial = serial;
    const thingName = literalThingName(props.thing);
    const identity = new Construct(this, `Thing${shortHash([thingName ?? props.thing.node.addr, ...serial].join('/'))}`);
    this.claimThing(thingName, serial);
    const provider = IdentityProvider.getOrCreate(this);
    const secret = props.certificateSigningRequest === undefined
      ? deviceSecret(identity, provider, { names: [thingName ?? identity.node.addr, ...serial], encryptionKey: props.encryptionKey })
      : undefined;
    const certificate = new iot.CfnCertificate(identity, 'Certificate', {
      status: 'ACTIVE',
      certificateSigningRequest: secret ? this.makeKey(identity, provider, secret, props.thing) : props.certificateSigningRequest,
    });
    this.node.defaultChild = certificate;
    this.certificateArn = certificate.attrArn;
    this.certificateId = certificate.attrId;
    this.secretArn = secret?.attrId;

    const delivery = this.makeDelivery(identity, provider, props.thing, secret);
    this.certificatePem = delivery.getAttString('CertificatePem' satisfies keyof DeviceCertificateData);
    this.attach(identity, props, delivery);
    for (const part of identity.node.children) { // once all are there: this one call gives all of them their IDs
      identifyBy(part, `Device${part.node.id}`, thingName, ...serial);
    }
  }

  /** The resources of two certificates would have the same logical IDs. */
  private claimThing(thingName: string | undefined, serial: readonly string[]): void {
    if (thingName === undefined) {
      return;
    }
    const kind = `certificate in ${Stack.of(this).node.addr}`;
    const other = claim({ owner: this, kind, name: [thingName, ...serial].join(' '), place: this });
    if (other !== undefined) {
      throw new ValidationError(this, `each certificate of a thing in one stack must have its own serial, got a second one of thing '${thingName}' `
        + `${serial.length === 0 ? 'without a serial' : `with serial ${serial.join()}`}, beside ${other.node.path}`);
    }
  }

  private makeKey(identity: Construct, provider: IdentityProvider, secret: secretsmanager.CfnSecret, thing: iot.IThingRef): string {
    const key = provider.customResource(identity, 'Key', {
      resourceType: 'Custom::SageMakerEdge-DeviceKey' satisfies DeviceKeyType,
      serviceTimeout: provider.serviceTimeout,
      properties: { SecretArn: secret.attrId, ThingName: thing.thingRef.thingName } satisfies DeviceKeyProperties,
    });
    return key.getAttString('CertificateSigningRequest' satisfies keyof DeviceKeyData);
  }

  private makeDelivery(
    identity: Construct, provider: IdentityProvider, thing: iot.IThingRef, secret?: secretsmanager.CfnSecret,
  ): CustomResource {
    const properties: DeviceCertificateProperties = {
      CertificateArn: this.certificateArn, CertificateId: this.certificateId, ThingName: thing.thingRef.thingName,
      SecretArn: secret?.attrId,
    };
    const delivery = provider.customResource(identity, 'Delivery', {
      resourceType: 'Custom::SageMakerEdge-DeviceCertificate' satisfies DeviceCertificateType,
      serviceTimeout: provider.serviceTimeout, properties,
    });
    const certificates = Stack.of(this).formatArn({ service: 'iot', resource: 'cert', resourceName: '*' });
    const rights = provider.grantOnce(provider, 'CertificateRights',
      new iam.PolicyStatement({ actions: ['iot:DescribeCertificate'], resources: [certificates] }),
      new iam.PolicyStatement({
        actions: ['iot:ListThingPrincipals'],
        // Two pages of AWS contradict each other: the service authorization reference names the thing as the resource, the
        // table of IoT's policy actions names none. On * it works whichever is true; what it reads is names of certificates.
        resources: ['*'],
      }),
    );
    acknowledgeWildcards(rights, 'IoT chooses the ID of a certificate, and what is read of it is public', certificates);
    acknowledgeWildcards(rights, 'the documentation of AWS contradicts itself on whether iot:ListThingPrincipals takes a thing as its resource', '*');
    delivery.node.addDependency(rights);
    return delivery;
  }

  private attach(identity: Construct, props: DeviceCertificateProps, delivery: CustomResource): void {
    const policy = new iot.CfnPolicy(identity, 'Policy', {
      policyDocument: new iam.PolicyDocument({
        statements: [new iam.PolicyStatement({
          actions: ['iot:AssumeRoleWithCertificate'], resources: [props.roleAlias.roleAliasRef.roleAliasArn],
        })],
      }),
    });
    const attachments = [
      new iot.CfnPolicyPrincipalAttachment(identity, 'PolicyAttachment', { policyName: policy.ref, principal: this.certificateArn }),
      new iot.CfnThingPrincipalAttachment(identity, 'ThingAttachment', {
        thingName: props.thing.thingRef.thingName,
        principal: this.certificateArn,
      }),
    ];
    // Deleted before the delivery, whose Delete waits until the thing is free: only then go the certificate and the thing.
    for (const attachment of attachments) {
      attachment.node.addDependency(delivery);
    }
  }
}

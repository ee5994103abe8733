import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { isRecord, refuseUnknownKeys } from '../../private/objects';
import { LITE } from './recipe';
import { unquotedObject, unresolvedVariable, type VariableScope } from './variables';
import { ValidationError } from '../../private/validation';

const STEPS = ['bootstrap', 'install', 'startup', 'run', 'shutdown', 'recover', 'uninstall'];
/** The steps that nucleus lite 2.6.0 runs. */
const LITE_STEPS = ['bootstrap', 'install', 'startup', 'run'];
const STEP_KEYS = ['Script', 'Timeout', 'Setenv', 'RequiresPrivilege', 'Skipif'];
const ARCHITECTURES = ['amd64', 'aarch64', 'arm', 'x86'];
const MISNAMED: Readonly<Record<string, string>> = {
  x86_64: 'amd64', x64: 'amd64', arm64: 'aarch64', armv8: 'aarch64', armv7l: 'arm', i386: 'x86',
};

/** Check a manifest. It throws where a nucleus would refuse it, skip it, or not do what it says. */
export function checkManifest(scope: IConstruct | undefined, what: string, value: unknown, variables: VariableScope): void {
  const manifest = record(scope, what, value);
  refuseUnknownKeys(scope, what, manifest, ['Platform', 'Lifecycle', 'Artifacts']);
  const platform = record(scope, `${what}.Platform`, manifest.Platform);
  checkPlatform(scope, `${what}.Platform`, platform);
  const lifecycle = record(scope, `${what}.Lifecycle`, manifest.Lifecycle);
  checkLifecycle(scope, `${what}.Lifecycle`, lifecycle, variables);
  if (platform.runtime === LITE) {
    checkLiteLifecycle(scope, `${what}.Lifecycle`, lifecycle);
  }
  const steps = Object.keys(lifecycle).filter((key) => STEPS.includes(key));
  checkArtifacts(scope, `${what}.Artifacts`, manifest.Artifacts, steps.length === 0);
}

function checkPlatform(scope: IConstruct | undefined, what: string, platform: Record<string, unknown>): void {
  refuseUnknownKeys(scope, what, platform, ['os', 'architecture', 'runtime']);
  const { os = '*', architecture = '*', runtime } = platform;
  if (typeof os !== 'string' || !['linux', 'darwin', 'windows', 'all', '*'].includes(os)) {
    fail(scope, `${what}.os must be linux, or another name of the nucleus in lower case`, os);
  }
  if (typeof architecture !== 'string' || ![...ARCHITECTURES, '*'].includes(architecture)) {
    const meant = typeof architecture === 'string' ? MISNAMED[architecture.toLowerCase()] : undefined;
    const hint = meant === undefined ? '' : ` (here ${meant})`;
    fail(scope, `${what}.architecture must be one of ${ARCHITECTURES.join(', ')}${hint}: no device has another`, architecture);
  }
  if (runtime !== '*' && runtime !== LITE) {
    fail(scope, `${what}.runtime must be '*' or ${LITE}: without it nucleus lite skips the manifest`, runtime);
  }
}

/** What nucleus lite 2.6.0 refuses, or does not do without an error. */
function checkLiteLifecycle(scope: IConstruct | undefined, what: string, lifecycle: Record<string, unknown>): void {
  const steps = Object.keys(lifecycle).filter((key) => STEPS.includes(key));
  if (steps.length === 0) {
    fail(scope, `${what} must have a step for nucleus lite, such as run: exec sleep infinity`, undefined);
  }
  const lost = steps.find((step) => !LITE_STEPS.includes(step));
  if (lost !== undefined) {
    fail(scope, `${what} must have only steps that nucleus lite runs (${LITE_STEPS.join(', ')})`, lost);
  }
  const skipped = steps.find((step) => isRecord(lifecycle[step]) && lifecycle[step].Skipif !== undefined);
  if (skipped !== undefined) {
    fail(scope, `${what}.${skipped} must have no Skipif, which nucleus lite ignores`, lifecycle[skipped]);
  }
}

function checkLifecycle(scope: IConstruct | undefined, what: string, lifecycle: Record<string, unknown>, variables: VariableScope): void {
  refuseUnknownKeys(scope, what, lifecycle, [...STEPS, 'Setenv'], ' (the nucleus would not run such a step, and call the deployment a success)');
  if (lifecycle.startup !== undefined && lifecycle.run !== undefined) {
    throw new ValidationError(scope, `${what} must have startup or run, not both: the nucleus would run startup alone`);
  }
  checkEnvironment(scope, `${what}.Setenv`, lifecycle.Setenv, variables);
  for (const step of STEPS) {
    if (lifecycle[step] !== undefined) {
      checkStep(scope, `${what}.${step}`, step, lifecycle[step], variables);
    }
  }
}

function checkStep(scope: IConstruct | undefined, what: string, name: string, value: unknown, variables: VariableScope): void {
  if (typeof value === 'string') {
    checkScript(scope, what, value, variables);
    return;
  }
  const step = record(scope, what, value);
  refuseUnknownKeys(scope, what, step, name === 'bootstrap' ? [...STEP_KEYS, 'BootstrapOnRollback'] : STEP_KEYS);
  checkScript(scope, `${what}.Script`, step.Script, variables);
  checkEnvironment(scope, `${what}.Setenv`, step.Setenv, variables);
  const { Timeout: timeout, RequiresPrivilege: privilege, Skipif: skipIf } = step;
  if (timeout !== undefined && !(Number.isInteger(Number(timeout)) && Number(timeout) >= 1)) {
    fail(scope, `${what}.Timeout must be a whole number of seconds, at least 1`, timeout);
  }
  if (timeout !== undefined && name === 'run') {
    fail(scope, `${what}.Timeout must be left out: the nucleus would kill the process after it`, timeout);
  }
  if (privilege !== undefined && typeof privilege !== 'boolean') {
    fail(scope, `${what}.RequiresPrivilege must be true or false`, privilege);
  }
  if (skipIf !== undefined && !(typeof skipIf === 'string' && /^(onpath|exists) \S/.test(skipIf))) {
    fail(scope, `${what}.Skipif must be 'onpath <program>' or 'exists <file>'`, skipIf);
  }
}

function checkScript(scope: IConstruct | undefined, what: string, script: unknown, variables: VariableScope): void {
  if (typeof script !== 'string' || script.trim() === '') {
    return fail(scope, `${what} must be a script as one text (the nucleus would run a list as a broken line)`, script);
  }
  checkVariables(scope, what, script, variables);
  const unquoted = unquotedObject(script, variables);
  if (unquoted !== undefined) {
    fail(scope, `${what} must hold variables of objects within single quotes alone: they become JSON, whose quotes the shell eats`, unquoted);
  }
}

function checkEnvironment(scope: IConstruct | undefined, what: string, value: unknown, variables: VariableScope): void {
  if (value === undefined) {
    return;
  }
  for (const [name, text] of Object.entries(record(scope, what, value))) {
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      fail(scope, `${what} must have names of letters, digits and underscores`, name);
    }
    if (typeof text !== 'string') {
      return fail(scope, `${what}.${name} must be text`, text);
    }
    if (!Token.isUnresolved(text) && /\$\{?[A-Za-z_]/.test(text)) {
      fail(scope, `${what}.${name} must hold no shell variable, which the nucleus would leave as it is`, text);
    }
    checkVariables(scope, `${what}.${name}`, text, variables);
  }
}

function checkVariables(scope: IConstruct | undefined, what: string, text: string, variables: VariableScope): void {
  const problem = unresolvedVariable(text, variables);
  if (problem !== undefined) {
    throw new ValidationError(scope, `${what} must hold only recipe variables that the nucleus replaces, got ${problem}`);
  }
}

function checkArtifacts(scope: IConstruct | undefined, what: string, value: unknown, nothingRuns: boolean): void {
  if (value === undefined) {
    return;
  }
  if (!Array.isArray(value)) {
    return fail(scope, `${what} must be a list`, value);
  }
  const names = new Set<string>();
  for (const [index, item] of value.entries()) {
    const at = `${what}[${index}]`;
    const artifact = record(scope, at, item);
    for (const key of ['Digest', 'Algorithm']) {
      if (key in artifact) {
        fail(scope, `${at}.${key} must be left out: the service sets it, and the nucleus ignores a digest without its algorithm`, artifact[key]);
      }
    }
    refuseUnknownKeys(scope, at, artifact, ['Uri', 'Unarchive', 'Permission']);
    const { Uri: uri, Unarchive: unarchive = 'NONE', Permission: permission } = artifact;
    if (typeof uri !== 'string' || !/^(s3:\/\/[^/]+\/|docker:|greengrass:)./.test(uri)) {
      return fail(scope, `${at}.Uri must begin with s3://bucket/, docker: or greengrass:`, uri);
    }
    const name = uri.slice(uri.lastIndexOf('/') + 1);
    if (names.has(name)) {
      fail(scope, `${at}.Uri must end with a file name of its own within the manifest`, name);
    }
    names.add(name);
    if (unarchive !== 'ZIP' && unarchive !== 'NONE') {
      fail(scope, `${at}.Unarchive must be ZIP or NONE`, unarchive);
    }
    checkPermission(scope, `${at}.Permission`, permission, nothingRuns);
  }
}

function checkPermission(scope: IConstruct | undefined, what: string, value: unknown, nothingRuns: boolean): void {
  const permission = value === undefined ? {} : record(scope, what, value);
  refuseUnknownKeys(scope, what, permission, ['Read', 'Execute']);
  const { Read: read = 'OWNER', Execute: execute = 'NONE' } = permission;
  for (const [key, granted] of [['Read', read], ['Execute', execute]] as const) {
    if (!['NONE', 'OWNER', 'ALL'].includes(String(granted))) {
      fail(scope, `${what}.${key} must be NONE, OWNER or ALL`, granted);
    }
  }
  if (nothingRuns && read !== 'ALL') {
    fail(scope, `${what}.Read must be ALL in a manifest without steps: its files stay root's, and no component can read them`, read);
  }
}

function record(scope: IConstruct | undefined, what: string, value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : fail(scope, `${what} must be an object`, value);
}

function fail(scope: IConstruct | undefined, wanted: string, got: unknown): never {
  throw new ValidationError(scope, `${wanted}, got ${got === undefined ? 'nothing' : JSON.stringify(got)}`);
}

/** Units are files; bundle and tests import them as text. */
declare module '*.service' {
  const text: string;
  export default text;
}

// The page's policy forbids making elements out of text (Trusted Types). antd writes its styles by `innerHTML` of a style
// element; a style has no `<`, so that much is let through and nothing else.
interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML: (text: string) => string | null }): unknown;
}

(window as unknown as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('default', {
  createHTML: (text) => (text.includes('<') ? null : text),
});

export {};

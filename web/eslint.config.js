import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist', 'src/api/schema.d.ts', 'test-results'] },
  tseslint.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    plugins: { 'react-hooks': hooks },
    rules: {
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  {
    // No customer's value gets into a log, an address, a title or the browser's storage.
    files: ['src/**/*.{ts,tsx}'],
    rules: {
      'no-console': 'error',
      'no-restricted-globals': [
        'error',
        { name: 'fetch', message: 'src/api/client.ts alone talks to the server' },
        { name: 'localStorage', message: 'src/lib/settings.ts alone keeps anything, and only settings' },
        { name: 'sessionStorage', message: 'nothing is kept there' },
        { name: 'indexedDB', message: 'nothing is kept there' },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'window', property: 'fetch' },
        { object: 'window', property: 'localStorage' },
        { object: 'window', property: 'sessionStorage' },
      ],
    },
  },
  {
    files: ['src/api/client.ts', 'src/lib/settings.ts'],
    rules: { 'no-restricted-globals': 'off' },
  },
);

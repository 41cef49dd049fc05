/** Version of this package; goes into every manifest. Held equal to package.json by a test. */
export const VERSION = '0.1.0';

import { useState, type FormEvent, type ReactNode } from 'react';
import { token } from './client.js';

/** Asks for a token where the service wants one. It is kept in this tab alone. */
export const TokenForm = ({ detail }: Readonly<{ detail: string }>): ReactNode => {
  const [secret, setSecret] = useState('');
  const use = (event: FormEvent): void => {
    event.preventDefault();
    token.set(secret.trim());
    window.location.reload();
  };
  return (
    <form className="failed" onSubmit={use}>
      <h3>A token is needed</h3>
      <p>
        {detail} Who runs the service makes one with <code>prometheus-ledger token create</code>. It is kept in this tab
        only and forgotten when the tab is closed.
      </p>
      <p className="field">
        <label htmlFor="token">Token</label>
        <input
          id="token"
          type="password"
          autoComplete="off"
          value={secret}
          onChange={({ target }) => setSecret(target.value)}
          required
        />
        <button type="submit">Use it</button>
      </p>
    </form>
  );
};

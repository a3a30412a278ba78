const CHANNEL = 'lianban-session';

/** Tells the other windows of this browser that a log-in at a provider was completed. */
export function announceSignedIn(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage('signed-in');
  channel.close();
}

/** Calls back when another window completed a log-in; the answer ends the listening. */
export function onSignedIn(told: () => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = (event: MessageEvent<unknown>) => {
    if (event.data === 'signed-in') told();
  };
  return () => channel.close();
}

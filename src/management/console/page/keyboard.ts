import { byId } from './dom/dom.ts';
import type { SourceCard } from './sources/card.ts';

/** The shortcuts that the help lists; none with a modifier, none while something is typed. */
export function listenToKeys(cards: () => readonly SourceCard[]): void {
  const help = byId('help') as HTMLDialogElement;
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof HTMLInputElement) return;
    if (event.key === '?') return help.open ? help.close() : help.showModal();
    if (event.key === 't') return byId('theme').click();
    if (event.key === 'a') return byId('answers-title').focus();
    const number = Number(event.key);
    if (number >= 1) cards()[number - 1]?.focus();
  });
}

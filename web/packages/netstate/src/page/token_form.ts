// TokenForm: asks for the viewers' token when netstate wants one, and says it to netstate once. It is kept by nobody here: netstate answers
// with a cookie that no script can read.
import { make, say } from '@footbridge/frame/dom';
import { words } from '../words.js';

export class TokenForm {
  readonly element: HTMLFormElement;
  readonly #field = make('input', {
    type: 'password',
    name: 'token',
    autocomplete: 'off',
    required: true,
    maxlength: 256,
  });
  readonly #said = make('p', { role: 'alert', class: 'wrong' });

  constructor(onUnlocked: () => void) {
    this.element = make(
      'form',
      { class: 'token', hidden: true },
      make('h2', {}, words.tokenTitle),
      make('p', {}, words.tokenText),
      make('label', {}, make('span', {}, words.token), this.#field),
      make('button', { type: 'submit', class: 'strong' }, words.unlock),
      this.#said,
    );
    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#tell().then((trouble) => {
        say(this.#said, trouble);
        if (trouble) return;
        this.#field.value = '';
        this.element.hidden = true;
        onUnlocked();
      });
    });
  }

  ask(): void {
    this.element.hidden = false;
    this.#field.focus();
  }

  // What is wrong, in words; empty: netstate knows the token.
  async #tell(): Promise<string> {
    return fetch('token', { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: this.#field.value.trim() })
      .then(({ ok, status }) => (ok ? '' : status === 401 ? words.tokenWrong : words.tokenUnanswered))
      .catch(() => words.tokenUnanswered);
  }
}

// The browsers' own list of words, for what they show of the extension themselves, out of the words of its pages.

// [name in the package, content]
export function locales(languages, wordsOf) {
  return languages.map((lang) => [
    `_locales/${lang.replace('-Hans', '_CN').replace('-Hant', '_TW').replace('-', '_')}/messages.json`,
    `${JSON.stringify({ description: { message: wordsOf(lang).description } }, null, 2)}\n`,
  ]);
}

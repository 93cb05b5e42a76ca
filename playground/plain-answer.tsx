import { useGraphiQL } from '@graphiql/react';
import { useEffect } from 'react';

/**
 * The editor would draw the marks around what is written from right to left as labels, for which its lines are not
 * broken: the words before them would lie beyond the window.
 */
export function PlainAnswer() {
  const editor = useGraphiQL((state) => state.responseEditor);
  useEffect(() => {
    editor?.updateOptions({ renderControlCharacters: false, unicodeHighlight: { invisibleCharacters: false } });
  }, [editor]);
  return null;
}

/** What a person can mend: shown as its sentence, without a stack. */
export class Trouble extends Error {
  override name = 'Trouble'
}

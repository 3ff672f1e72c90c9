/** Leaves waiting to be split. */
export interface Queue<T> {
  push(item: T): void
  pop(): T | undefined
}

/** 'largest' hands out the one of largest size first (of equals, the one that came first); 'last' the one that came last. */
export function queueOf<T>(order: 'largest' | 'last', size: (item: T) => number): Queue<T> {
  const heap: { item: T; size: number; turn: number }[] = []
  let turn = 0
  if (order === 'last') {
    const items: T[] = []
    return { push: (item) => void items.push(item), pop: () => items.pop() }
  }
  const before = (a: number, b: number) => {
    const [x, y] = [heap[a], heap[b]]
    if (!x || !y) return false
    return x.size > y.size || (x.size === y.size && x.turn < y.turn)
  }
  const swap = (a: number, b: number) => {
    const kept = heap[a]
    heap[a] = heap[b] as (typeof heap)[number]
    heap[b] = kept as (typeof heap)[number]
  }
  return {
    push(item) {
      heap.push({ item, size: size(item), turn: turn++ })
      for (let at = heap.length - 1; at > 0 && before(at, (at - 1) >> 1); at = (at - 1) >> 1) swap(at, (at - 1) >> 1)
    },
    pop() {
      const top = heap[0]
      const last = heap.pop()
      if (!top || !last || heap.length === 0) return top?.item
      heap[0] = last
      for (let at = 0; ; ) {
        let first = at
        for (const child of [2 * at + 1, 2 * at + 2]) if (child < heap.length && before(child, first)) first = child
        if (first === at) return top.item
        swap(at, first)
        at = first
      }
    },
  }
}

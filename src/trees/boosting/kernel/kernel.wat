;; The inner loops of histogram boosting, over one shared memory. What each function means is told by its twin in
;; TypeScript, tests/trees/boosting/reference.ts, to which tests hold it bit by bit.
;;
;; A bin of a histogram is 16 bytes: the sum of gradients (i64), and the number of rows and the sum of hessians in one
;; i64: rows << shift | hessians. Integers: sums are exact whatever their order, so threads and subtractions change no bit.
(module
  (import "env" "memory" (memory 1 65536 shared))

  ;; Fixed places, as in places.ts.
  (global $GRADIENT_UNIT i32 (i32.const 128))
  (global $HESSIAN_UNIT i32 (i32.const 136))
  (global $L2 i32 (i32.const 144))
  (global $MIN_HESSIAN i32 (i32.const 152))
  (global $MIN_ROWS i32 (i32.const 160))
  (global $SHIFT i32 (i32.const 168))

  ;; The best split met by the call of `best` that runs now.
  (global $score (mut f64) (f64.const 0))
  (global $feature (mut i32) (i32.const 0))
  (global $at (mut i32) (i32.const 0))
  (global $cut (mut i32) (i32.const 0))
  (global $missingLeft (mut i32) (i32.const 0))
  (global $leftG (mut i64) (i64.const 0))
  (global $leftH (mut i64) (i64.const 0))
  ;; The node's sums.
  (global $allG (mut i64) (i64.const 0))
  (global $allH (mut i64) (i64.const 0))

  ;; Adds rows to the histograms of four bundles, whose bins lie side by side in one word a row.
  (func $hist4 (export "hist4") (param $rows i32) (param $count i32) (param $bins i32) (param $gh i32) (param $one i64)
    (param $h0 i32) (param $h1 i32) (param $h2 i32) (param $h3 i32)
    (local $end i32) (local $row i32) (local $b i32) (local $p i32) (local $c v128) (local $v v128)
    (local.set $end (i32.add (local.get $rows) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $c (i64x2.replace_lane 1 (v128.const i64x2 0 0) (local.get $one)))
    (if (i32.eqz (local.get $count)) (then (return)))
    (loop $next
      (local.set $row (i32.load (local.get $rows)))
      (local.set $v (i64x2.add (local.get $c) (v128.load32x2_s (i32.add (local.get $gh) (i32.shl (local.get $row) (i32.const 3))))))
      (local.set $b (i32.load (i32.add (local.get $bins) (i32.shl (local.get $row) (i32.const 2)))))
      (local.set $p (i32.add (local.get $h0) (i32.shl (i32.and (local.get $b) (i32.const 255)) (i32.const 4))))
      (v128.store (local.get $p) (i64x2.add (v128.load (local.get $p)) (local.get $v)))
      (local.set $p (i32.add (local.get $h1) (i32.and (i32.shr_u (local.get $b) (i32.const 4)) (i32.const 0xff0))))
      (v128.store (local.get $p) (i64x2.add (v128.load (local.get $p)) (local.get $v)))
      (local.set $p (i32.add (local.get $h2) (i32.and (i32.shr_u (local.get $b) (i32.const 12)) (i32.const 0xff0))))
      (v128.store (local.get $p) (i64x2.add (v128.load (local.get $p)) (local.get $v)))
      (local.set $p (i32.add (local.get $h3) (i32.and (i32.shr_u (local.get $b) (i32.const 20)) (i32.const 0xff0))))
      (v128.store (local.get $p) (i64x2.add (v128.load (local.get $p)) (local.get $v)))
      (local.set $rows (i32.add (local.get $rows) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $rows) (local.get $end)))))

  ;; The same for the first two bundles of a word.
  (func $hist2 (export "hist2") (param $rows i32) (param $count i32) (param $bins i32) (param $gh i32) (param $one i64)
    (param $h0 i32) (param $h1 i32)
    (local $end i32) (local $row i32) (local $b i32) (local $p i32) (local $c v128) (local $v v128)
    (local.set $end (i32.add (local.get $rows) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $c (i64x2.replace_lane 1 (v128.const i64x2 0 0) (local.get $one)))
    (if (i32.eqz (local.get $count)) (then (return)))
    (loop $next
      (local.set $row (i32.load (local.get $rows)))
      (local.set $v (i64x2.add (local.get $c) (v128.load32x2_s (i32.add (local.get $gh) (i32.shl (local.get $row) (i32.const 3))))))
      (local.set $b (i32.load16_u (i32.add (local.get $bins) (i32.shl (local.get $row) (i32.const 2)))))
      (local.set $p (i32.add (local.get $h0) (i32.shl (i32.and (local.get $b) (i32.const 255)) (i32.const 4))))
      (v128.store (local.get $p) (i64x2.add (v128.load (local.get $p)) (local.get $v)))
      (local.set $p (i32.add (local.get $h1) (i32.and (i32.shr_u (local.get $b) (i32.const 4)) (i32.const 0xff0))))
      (v128.store (local.get $p) (i64x2.add (v128.load (local.get $p)) (local.get $v)))
      (local.set $rows (i32.add (local.get $rows) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $rows) (local.get $end)))))

  ;; The same for one bundle; `bins` is the place of its byte in row 0.
  (func $hist1 (export "hist1") (param $rows i32) (param $count i32) (param $bins i32) (param $gh i32) (param $one i64) (param $h0 i32)
    (local $end i32) (local $row i32) (local $p i32) (local $c v128)
    (local.set $end (i32.add (local.get $rows) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $c (i64x2.replace_lane 1 (v128.const i64x2 0 0) (local.get $one)))
    (if (i32.eqz (local.get $count)) (then (return)))
    (loop $next
      (local.set $row (i32.load (local.get $rows)))
      (local.set $p (i32.add (local.get $h0)
        (i32.shl (i32.load8_u (i32.add (local.get $bins) (i32.shl (local.get $row) (i32.const 2)))) (i32.const 4))))
      (v128.store (local.get $p)
        (i64x2.add (v128.load (local.get $p))
          (i64x2.add (local.get $c) (v128.load32x2_s (i32.add (local.get $gh) (i32.shl (local.get $row) (i32.const 3)))))))
      (local.set $rows (i32.add (local.get $rows) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $rows) (local.get $end)))))

  ;; a += b, or a -= b, over bytes (a multiple of 16).
  (func $add (export "add") (param $a i32) (param $b i32) (param $bytes i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $a) (local.get $bytes)))
    (if (i32.eqz (local.get $bytes)) (then (return)))
    (loop $next
      (v128.store (local.get $a) (i64x2.add (v128.load (local.get $a)) (v128.load (local.get $b))))
      (local.set $a (i32.add (local.get $a) (i32.const 16)))
      (local.set $b (i32.add (local.get $b) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $a) (local.get $end)))))

  (func $subtract (export "subtract") (param $a i32) (param $b i32) (param $bytes i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $a) (local.get $bytes)))
    (if (i32.eqz (local.get $bytes)) (then (return)))
    (loop $next
      (v128.store (local.get $a) (i64x2.sub (v128.load (local.get $a)) (v128.load (local.get $b))))
      (local.set $a (i32.add (local.get $a) (i32.const 16)))
      (local.set $b (i32.add (local.get $b) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $a) (local.get $end)))))

  (func $fill (export "fill") (param $at i32) (param $bytes i32)
    (memory.fill (local.get $at) (i32.const 0) (local.get $bytes)))

  (func $copy (export "copy") (param $to i32) (param $from i32) (param $bytes i32)
    (memory.copy (local.get $to) (local.get $from) (local.get $bytes)))

  ;; The sum of all bins, to `out`.
  (func $total (export "total") (param $hist i32) (param $bins i32) (param $out i32)
    (local $sum v128)
    (loop $next
      (local.set $sum (i64x2.add (local.get $sum) (v128.load (local.get $hist))))
      (local.set $hist (i32.add (local.get $hist) (i32.const 16)))
      (br_if $next (local.tee $bins (i32.sub (local.get $bins) (i32.const 1)))))
    (v128.store (local.get $out) (local.get $sum)))

  ;; Parts rows in two by the table of their bin, both in their old order; the left ones may be written over `rows`. How many went left.
  (func $part (export "part") (param $rows i32) (param $count i32) (param $bins i32) (param $table i32) (param $left i32) (param $right i32)
    (result i32)
    (local $end i32) (local $row i32) (local $go i32) (local $from i32)
    (local.set $from (local.get $left))
    (local.set $end (i32.add (local.get $rows) (i32.shl (local.get $count) (i32.const 2))))
    (if (i32.eqz (local.get $count)) (then (return (i32.const 0))))
    (loop $next
      (local.set $row (i32.load (local.get $rows)))
      (i32.store (local.get $left) (local.get $row))
      (i32.store (local.get $right) (local.get $row))
      (local.set $go (i32.load8_u (i32.add (local.get $table)
        (i32.load8_u (i32.add (local.get $bins) (i32.shl (local.get $row) (i32.const 2)))))))
      (local.set $left (i32.add (local.get $left) (local.get $go)))
      (local.set $right (i32.sub (i32.add (local.get $right) (i32.const 4)) (local.get $go)))
      (local.set $rows (i32.add (local.get $rows) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $rows) (local.get $end))))
    (i32.shr_u (i32.sub (local.get $left) (local.get $from)) (i32.const 2)))

  ;; Adds a number to the scores of rows.
  (func $raise (export "raise") (param $rows i32) (param $count i32) (param $scores i32) (param $value f64)
    (local $end i32) (local $p i32)
    (local.set $end (i32.add (local.get $rows) (i32.shl (local.get $count) (i32.const 2))))
    (if (i32.eqz (local.get $count)) (then (return)))
    (loop $next
      (local.set $p (i32.add (local.get $scores) (i32.shl (i32.load (local.get $rows)) (i32.const 3))))
      (f64.store (local.get $p) (f64.add (f64.load (local.get $p)) (local.get $value)))
      (local.set $rows (i32.add (local.get $rows) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $rows) (local.get $end)))))

  ;; The bins of one feature in order, `record` describing it: where they lie in a histogram, or put together in `scratch`
  ;; where the feature shares a bundle and its commonest bin is what the others leave of the node's sum.
  (func $run (export "run") (param $slot i32) (param $record i32) (param $node i32) (param $scratch i32) (result i32)
    (local $from i32) (local $to i32) (local $bin i32) (local $bins i32) (local $default i32) (local $rest v128) (local $v v128)
    (local.set $from (i32.add (local.get $slot) (i32.load (local.get $record))))
    (local.set $default (i32.load offset=8 (local.get $record)))
    (if (i32.lt_s (local.get $default) (i32.const 0)) (then (return (local.get $from))))
    (local.set $bins (i32.load offset=4 (local.get $record)))
    (local.set $rest (v128.load (local.get $node)))
    (local.set $to (local.get $scratch))
    (loop $next
      (if (i32.ne (local.get $bin) (local.get $default))
        (then
          (local.set $v (v128.load (local.get $from)))
          (local.set $rest (i64x2.sub (local.get $rest) (local.get $v)))
          (v128.store (local.get $to) (local.get $v))
          (local.set $from (i32.add (local.get $from) (i32.const 16)))))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (local.set $bin (i32.add (local.get $bin) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $bin) (local.get $bins))))
    (v128.store (i32.add (local.get $scratch) (i32.shl (local.get $default) (i32.const 4))) (local.get $rest))
    (local.get $scratch))

  ;; Tries the cuts after bins 0 .. bins-1, with the sums g and h on the left from the start.
  (func $scan (param $p i32) (param $bins i32) (param $g i64) (param $h i64) (param $record i32) (param $feature i32) (param $missing i32)
    (local $bin i32) (local $v i64) (local $mask i64) (local $shift i64) (local $least i64) (local $rows i64) (local $left i64)
    (local $unitG f64) (local $unitH f64) (local $l2 f64) (local $leastH f64) (local $hl f64) (local $hr f64) (local $gl f64) (local $gr f64)
    (local $s f64) (local $low f64) (local $size f64)
    (local.set $shift (i64.load (global.get $SHIFT)))
    (local.set $mask (i64.sub (i64.shl (i64.const 1) (local.get $shift)) (i64.const 1)))
    (local.set $least (i64.load (global.get $MIN_ROWS)))
    (local.set $unitG (f64.load (global.get $GRADIENT_UNIT)))
    (local.set $unitH (f64.load (global.get $HESSIAN_UNIT)))
    (local.set $l2 (f64.load (global.get $L2)))
    (local.set $rows (i64.shr_u (global.get $allH) (local.get $shift)))
    (local.set $low (f64.mul (global.get $score) (f64.const 0.999999999999)))
    (if (i32.le_s (local.get $bins) (i32.const 0)) (then (return)))
    ;; A part needs rows enough, and of the hessians as much as so many rows of the node have on average.
    (local.set $leastH (f64.max (f64.load (global.get $MIN_HESSIAN))
      (f64.div
        (f64.mul (f64.mul (f64.convert_i64_s (i64.and (global.get $allH) (local.get $mask))) (local.get $unitH))
          (f64.sub (f64.convert_i64_s (local.get $least)) (f64.const 0.5)))
        (f64.convert_i64_s (local.get $rows)))))
    (loop $next
      (block $skip
        (local.set $v (i64.load offset=8 (local.get $p)))
        ;; No rows: the same parts as before.
        (br_if $skip (i64.eqz (local.get $v)))
        (local.set $g (i64.add (local.get $g) (i64.load (local.get $p))))
        (local.set $h (i64.add (local.get $h) (local.get $v)))
        (local.set $left (i64.shr_u (local.get $h) (local.get $shift)))
        (br_if $skip (i64.lt_s (local.get $left) (local.get $least)))
        (if (i64.lt_s (i64.sub (local.get $rows) (local.get $left)) (local.get $least)) (then (return)))
        (local.set $hl (f64.mul (f64.convert_i64_s (i64.and (local.get $h) (local.get $mask))) (local.get $unitH)))
        (br_if $skip (f64.lt (local.get $hl) (local.get $leastH)))
        (local.set $hr
          (f64.mul (f64.convert_i64_s (i64.and (i64.sub (global.get $allH) (local.get $h)) (local.get $mask))) (local.get $unitH)))
        (if (f64.lt (local.get $hr) (local.get $leastH)) (then (return)))
        (local.set $gl (f64.mul (f64.convert_i64_s (local.get $g)) (local.get $unitG)))
        (local.set $gr (f64.mul (f64.convert_i64_s (i64.sub (global.get $allG) (local.get $g))) (local.get $unitG)))
        (local.set $hl (f64.add (local.get $hl) (local.get $l2)))
        (local.set $hr (f64.add (local.get $hr) (local.get $l2)))
        (local.set $s (f64.add
          (f64.mul (f64.mul (local.get $gl) (local.get $gl)) (local.get $hr))
          (f64.mul (f64.mul (local.get $gr) (local.get $gr)) (local.get $hl))))
        (local.set $size (f64.mul (local.get $hl) (local.get $hr)))
        ;; Most cuts are told to be worse without dividing.
        (br_if $skip (f64.lt (local.get $s) (f64.mul (local.get $low) (local.get $size))))
        (local.set $s (f64.div (local.get $s) (local.get $size)))
        (br_if $skip (f64.lt (local.get $s) (global.get $score)))
        ;; Of equals the first: the lower feature, the lower cut.
        (br_if $skip (i32.and (f64.eq (local.get $s) (global.get $score)) (i32.ge_s (local.get $feature) (global.get $feature))))
        (global.set $score (local.get $s))
        (local.set $low (f64.mul (local.get $s) (f64.const 0.999999999999)))
        (global.set $feature (local.get $feature))
        (global.set $at (local.get $record))
        (global.set $cut (local.get $bin))
        (global.set $missingLeft (local.get $missing))
        (global.set $leftG (local.get $g))
        (global.set $leftH (local.get $h)))
      (local.set $p (i32.add (local.get $p) (i32.const 16)))
      (local.set $bin (i32.add (local.get $bin) (i32.const 1)))
      (br_if $next (i32.lt_s (local.get $bin) (local.get $bins)))))

  ;; The best cut by a quantity among the features of records from .. to that are in `active`: score (f64), feature, record, cut,
  ;; missingLeft (i32 each), sums of the left part (16 bytes at 32) to `out`, whose score is there before as what to beat.
  (func $best (export "best") (param $slot i32) (param $from i32) (param $to i32) (param $active i32) (param $node i32) (param $scratch i32) (param $out i32)
    (local $p i32) (local $bins i32) (local $feature i32)
    (global.set $score (f64.load (local.get $out)))
    (global.set $feature (i32.const -1))
    (global.set $allG (i64.load (local.get $node)))
    (global.set $allH (i64.load offset=8 (local.get $node)))
    (if (i32.ge_u (local.get $from) (local.get $to)) (then (i32.store offset=8 (local.get $out) (i32.const -1)) (return)))
    (loop $next
      (block $skip
        (local.set $feature (i32.load offset=16 (local.get $from)))
        (br_if $skip (i32.eqz (i32.load8_u (i32.add (local.get $active) (local.get $feature)))))
        (br_if $skip (i32.load offset=20 (local.get $from)))
        (local.set $bins (i32.load offset=4 (local.get $from)))
        ;; A flag that shares its bundle: one cut, from its one bin there and the node's sums.
        (if (i32.and (i32.eq (local.get $bins) (i32.const 2))
              (i32.and (i32.ge_s (i32.load offset=8 (local.get $from)) (i32.const 0)) (i32.eqz (i32.load offset=12 (local.get $from)))))
          (then
            (local.set $p (i32.add (local.get $slot) (i32.load (local.get $from))))
            (br_if $skip (i64.eqz (i64.load offset=8 (local.get $p))))
            (br_if $skip (i64.eq (i64.load offset=8 (local.get $p)) (global.get $allH)))
            (if (i32.eqz (i32.load offset=8 (local.get $from)))
              (then
                (i64.store (local.get $scratch) (i64.sub (global.get $allG) (i64.load (local.get $p))))
                (i64.store offset=8 (local.get $scratch) (i64.sub (global.get $allH) (i64.load offset=8 (local.get $p))))
                (local.set $p (local.get $scratch))))
            (call $scan (local.get $p) (i32.const 1) (i64.const 0) (i64.const 0) (local.get $from) (local.get $feature) (i32.const 0))
            (br $skip)))
        (local.set $p (call $run (local.get $slot) (local.get $from) (local.get $node) (local.get $scratch)))
        (if (i32.load offset=12 (local.get $from))
          (then
            (local.set $bins (i32.sub (local.get $bins) (i32.const 1)))
            (call $scan (local.get $p) (local.get $bins) (i64.const 0) (i64.const 0) (local.get $from) (local.get $feature) (i32.const 0))
            (call $scan (local.get $p) (i32.sub (local.get $bins) (i32.const 1))
              (i64.load (i32.add (local.get $p) (i32.shl (local.get $bins) (i32.const 4))))
              (i64.load offset=8 (i32.add (local.get $p) (i32.shl (local.get $bins) (i32.const 4))))
              (local.get $from) (local.get $feature) (i32.const 1)))
          (else
            (call $scan (local.get $p) (i32.sub (local.get $bins) (i32.const 1)) (i64.const 0) (i64.const 0)
              (local.get $from) (local.get $feature) (i32.const 0)))))
      (local.set $from (i32.add (local.get $from) (i32.const 32)))
      (br_if $next (i32.lt_u (local.get $from) (local.get $to))))
    (f64.store (local.get $out) (global.get $score))
    (i32.store offset=8 (local.get $out) (global.get $feature))
    (i32.store offset=12 (local.get $out) (global.get $at))
    (i32.store offset=16 (local.get $out) (global.get $cut))
    (i32.store offset=20 (local.get $out) (global.get $missingLeft))
    (i64.store offset=32 (local.get $out) (global.get $leftG))
    (i64.store offset=40 (local.get $out) (global.get $leftH)))

  ;; Numbers of exp, each twice, at 512: read from memory, since the compiler makes a constant of 128 bits anew in four steps wherever it stands.
  (data (i32.const 512)
    "\00\00\00\00\00\20\86\c0\00\00\00\00\00\20\86\c0" ;; -708
    "\00\00\00\00\00\28\86\40\00\00\00\00\00\28\86\40" ;; 709
    "\fe\82\2b\65\47\15\f7\3f\fe\82\2b\65\47\15\f7\3f" ;; 1 / ln 2
    "\00\00\e0\fe\42\2e\e6\3f\00\00\e0\fe\42\2e\e6\3f" ;; ln 2, its upper bits
    "\76\3c\79\35\ef\39\ea\3d\76\3c\79\35\ef\39\ea\3d" ;; ln 2, the rest
    "\34\c7\56\a5\e3\1d\c7\3e\34\c7\56\a5\e3\1d\c7\3e" ;; 1 / 9!
    "\1a\a0\01\1a\a0\01\fa\3e\1a\a0\01\1a\a0\01\fa\3e" ;; 1 / 8!
    "\1a\a0\01\1a\a0\01\2a\3f\1a\a0\01\1a\a0\01\2a\3f" ;; 1 / 7!
    "\17\6c\c1\16\6c\c1\56\3f\17\6c\c1\16\6c\c1\56\3f" ;; 1 / 6!
    "\11\11\11\11\11\11\81\3f\11\11\11\11\11\11\81\3f" ;; 1 / 5!
    "\55\55\55\55\55\55\a5\3f\55\55\55\55\55\55\a5\3f" ;; 1 / 4!
    "\55\55\55\55\55\55\c5\3f\55\55\55\55\55\55\c5\3f" ;; 1 / 3!
    "\00\00\00\00\00\00\e0\3f\00\00\00\00\00\00\e0\3f" ;; 1 / 2!
    "\00\00\00\00\00\00\f0\3f\00\00\00\00\00\00\f0\3f" ;; 1 / 1!
    "\00\00\00\00\00\00\f0\3f\00\00\00\00\00\00\f0\3f" ;; 1 / 0!
  )

  ;; exp, two at a time: x = k ln 2 + r, e^r by its series to the 9th power. Within 1e-11 of it: gradients are rounded to 2^-30.
  ;; Below -708 it is e^-708, above 709 e^709.
  (func $exp (param $x v128) (result v128)
    (local $k v128) (local $r v128) (local $p v128)
    (local.set $x (f64x2.pmax (v128.load offset=512 (i32.const 0)) (f64x2.pmin (v128.load offset=528 (i32.const 0)) (local.get $x))))
    (local.set $k (f64x2.nearest (f64x2.mul (local.get $x) (v128.load offset=544 (i32.const 0)))))
    (local.set $r (f64x2.sub (local.get $x) (f64x2.mul (local.get $k) (v128.load offset=560 (i32.const 0)))))
    (local.set $r (f64x2.sub (local.get $r) (f64x2.mul (local.get $k) (v128.load offset=576 (i32.const 0)))))
    (local.set $p (v128.load offset=592 (i32.const 0)))
    (local.set $p (f64x2.add (f64x2.mul (local.get $p) (local.get $r)) (v128.load offset=608 (i32.const 0))))
    (local.set $p (f64x2.add (f64x2.mul (local.get $p) (local.get $r)) (v128.load offset=624 (i32.const 0))))
    (local.set $p (f64x2.add (f64x2.mul (local.get $p) (local.get $r)) (v128.load offset=640 (i32.const 0))))
    (local.set $p (f64x2.add (f64x2.mul (local.get $p) (local.get $r)) (v128.load offset=656 (i32.const 0))))
    (local.set $p (f64x2.add (f64x2.mul (local.get $p) (local.get $r)) (v128.load offset=672 (i32.const 0))))
    (local.set $p (f64x2.add (f64x2.mul (local.get $p) (local.get $r)) (v128.load offset=688 (i32.const 0))))
    (local.set $p (f64x2.add (f64x2.mul (local.get $p) (local.get $r)) (v128.load offset=704 (i32.const 0))))
    (local.set $p (f64x2.add (f64x2.mul (local.get $p) (local.get $r)) (v128.load offset=720 (i32.const 0))))
    (local.set $p (f64x2.add (f64x2.mul (local.get $p) (local.get $r)) (v128.load offset=736 (i32.const 0))))
    (f64x2.mul (local.get $p)
      (i64x2.shl
        (i64x2.add (i64x2.extend_low_i32x4_s (i32x4.trunc_sat_f64x2_s_zero (local.get $k))) (i64x2.splat (i64.const 1023)))
        (i32.const 52))))

  ;; Two gradients and two hessians as whole numbers: g0 h0 g1 h1.
  (func $whole (param $g v128) (param $h v128) (result v128)
    (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23
      (i32x4.trunc_sat_f64x2_s_zero (f64x2.nearest (local.get $g)))
      (i32x4.trunc_sat_f64x2_s_zero (f64x2.nearest (local.get $h)))))

  ;; Gradients of the multinomial log loss of rows from .. to-1 (from even, to even): scores and gh are arrays a class, `scoreStep` and
  ;; `ghStep` bytes apart; scratch holds 16 bytes a class.
  (func $softmax (export "softmax") (param $scores i32) (param $scoreStep i32) (param $classes i32) (param $gh i32) (param $ghStep i32)
    (param $y i32) (param $w i32) (param $from i32) (param $to i32) (param $scaleG f64) (param $scaleH f64) (param $scratch i32)
    (local $k i32) (local $p i32) (local $q i32) (local $s i32) (local $most v128) (local $sum v128) (local $e v128) (local $wg v128)
    (local $wh v128) (local $label v128) (local $class v128)
    (if (i32.ge_u (local.get $from) (local.get $to)) (then (return)))
    (loop $next
      (local.set $p (i32.add (local.get $scores) (i32.shl (local.get $from) (i32.const 3))))
      (local.set $most (v128.load (local.get $p)))
      (local.set $k (i32.const 1))
      (loop $max
        (local.set $p (i32.add (local.get $p) (local.get $scoreStep)))
        (local.set $most (f64x2.pmax (local.get $most) (v128.load (local.get $p))))
        (local.set $k (i32.add (local.get $k) (i32.const 1)))
        (br_if $max (i32.lt_u (local.get $k) (local.get $classes))))
      (local.set $p (i32.add (local.get $scores) (i32.shl (local.get $from) (i32.const 3))))
      (local.set $sum (v128.const f64x2 0 0))
      (local.set $k (i32.const 0))
      (local.set $s (local.get $scratch))
      (loop $exps
        (local.set $e (call $exp (f64x2.sub (v128.load (local.get $p)) (local.get $most))))
        (v128.store (local.get $s) (local.get $e))
        (local.set $sum (f64x2.add (local.get $sum) (local.get $e)))
        (local.set $p (i32.add (local.get $p) (local.get $scoreStep)))
        (local.set $s (i32.add (local.get $s) (i32.const 16)))
        (local.set $k (i32.add (local.get $k) (i32.const 1)))
        (br_if $exps (i32.lt_u (local.get $k) (local.get $classes))))
      (local.set $sum (f64x2.div (v128.load offset=736 (i32.const 0)) (local.get $sum)))
      (local.set $label (v128.load (i32.add (local.get $y) (i32.shl (local.get $from) (i32.const 3)))))
      (local.set $wg (v128.load (i32.add (local.get $w) (i32.shl (local.get $from) (i32.const 3)))))
      (local.set $wh (f64x2.mul (local.get $wg) (f64x2.splat (local.get $scaleH))))
      (local.set $wg (f64x2.mul (local.get $wg) (f64x2.splat (local.get $scaleG))))
      (local.set $q (i32.add (local.get $gh) (i32.shl (local.get $from) (i32.const 3))))
      (local.set $k (i32.const 0))
      (local.set $s (local.get $scratch))
      (local.set $class (v128.const f64x2 0 0))
      (loop $classes
        (local.set $e (f64x2.mul (v128.load (local.get $s)) (local.get $sum)))
        (v128.store (local.get $q)
          (call $whole
            (f64x2.mul
              (f64x2.sub (local.get $e) (v128.and (f64x2.eq (local.get $label) (local.get $class)) (v128.load offset=736 (i32.const 0))))
              (local.get $wg))
            (f64x2.mul (f64x2.mul (local.get $e) (f64x2.sub (v128.load offset=736 (i32.const 0)) (local.get $e))) (local.get $wh))))
        (local.set $q (i32.add (local.get $q) (local.get $ghStep)))
        (local.set $s (i32.add (local.get $s) (i32.const 16)))
        (local.set $class (f64x2.add (local.get $class) (v128.load offset=736 (i32.const 0))))
        (local.set $k (i32.add (local.get $k) (i32.const 1)))
        (br_if $classes (i32.lt_u (local.get $k) (local.get $classes))))
      (local.set $from (i32.add (local.get $from) (i32.const 2)))
      (br_if $next (i32.lt_u (local.get $from) (local.get $to)))))

  ;; Gradients of half the squared error: score - y, by weight.
  (func $squared (export "squared") (param $scores i32) (param $gh i32) (param $y i32) (param $w i32) (param $from i32) (param $to i32)
    (param $scaleG f64) (param $scaleH f64)
    (local $wg v128) (local $at i32)
    (if (i32.ge_u (local.get $from) (local.get $to)) (then (return)))
    (loop $next
      (local.set $at (i32.shl (local.get $from) (i32.const 3)))
      (local.set $wg (v128.load (i32.add (local.get $w) (local.get $at))))
      (v128.store (i32.add (local.get $gh) (local.get $at))
        (call $whole
          (f64x2.mul
            (f64x2.mul
              (f64x2.sub (v128.load (i32.add (local.get $scores) (local.get $at))) (v128.load (i32.add (local.get $y) (local.get $at))))
              (local.get $wg))
            (f64x2.splat (local.get $scaleG)))
          (f64x2.mul (local.get $wg) (f64x2.splat (local.get $scaleH)))))
      (local.set $from (i32.add (local.get $from) (i32.const 2)))
      (br_if $next (i32.lt_u (local.get $from) (local.get $to)))))

  ;; The largest absolute gradient of the squared error (even rows, odd rows), and the largest weight the same way: 32 bytes to `out`.
  (func $squaredLargest (export "squaredLargest") (param $scores i32) (param $y i32) (param $w i32) (param $from i32) (param $to i32) (param $out i32)
    (local $g v128) (local $h v128) (local $wg v128) (local $at i32)
    (if (i32.lt_u (local.get $from) (local.get $to))
      (then
        (loop $next
          (local.set $at (i32.shl (local.get $from) (i32.const 3)))
          (local.set $wg (v128.load (i32.add (local.get $w) (local.get $at))))
          (local.set $h (f64x2.pmax (local.get $h) (local.get $wg)))
          (local.set $g (f64x2.max (local.get $g)
            (f64x2.abs (f64x2.mul
              (f64x2.sub (v128.load (i32.add (local.get $scores) (local.get $at))) (v128.load (i32.add (local.get $y) (local.get $at))))
              (local.get $wg)))))
          (local.set $from (i32.add (local.get $from) (i32.const 2)))
          (br_if $next (i32.lt_u (local.get $from) (local.get $to))))))
    (v128.store (local.get $out) (local.get $g))
    (v128.store offset=16 (local.get $out) (local.get $h)))

  ;; Gradients of the log loss of two classes.
  (func $logistic (export "logistic") (param $scores i32) (param $gh i32) (param $y i32) (param $w i32) (param $from i32) (param $to i32)
    (param $scaleG f64) (param $scaleH f64)
    (local $p v128) (local $wg v128) (local $at i32)
    (if (i32.ge_u (local.get $from) (local.get $to)) (then (return)))
    (loop $next
      (local.set $at (i32.shl (local.get $from) (i32.const 3)))
      (local.set $p (f64x2.div (v128.load offset=736 (i32.const 0))
        (f64x2.add (v128.load offset=736 (i32.const 0)) (call $exp (f64x2.neg (v128.load (i32.add (local.get $scores) (local.get $at))))))))
      (local.set $wg (v128.load (i32.add (local.get $w) (local.get $at))))
      (v128.store (i32.add (local.get $gh) (local.get $at))
        (call $whole
          (f64x2.mul (f64x2.sub (local.get $p) (v128.load (i32.add (local.get $y) (local.get $at))))
            (f64x2.mul (local.get $wg) (f64x2.splat (local.get $scaleG))))
          (f64x2.mul (f64x2.mul (local.get $p) (f64x2.sub (v128.load offset=736 (i32.const 0)) (local.get $p)))
            (f64x2.mul (local.get $wg) (f64x2.splat (local.get $scaleH))))))
      (local.set $from (i32.add (local.get $from) (i32.const 2)))
      (br_if $next (i32.lt_u (local.get $from) (local.get $to)))))
)

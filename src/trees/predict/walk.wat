;; Rows walked down one packed tree (pack.ts), eight side by side: while one waits for memory the others go on, and no branch
;; depends on the data. They end together, when none moved. The slow twin is leafOf in tree.ts. Then, what the leaves hold is added
;; to the rows' sums.
(module
  (memory (export "memory") 1)

  ;; Stores what the leaves hold, 4 bytes a row, at $leaves, and up to seven numbers more. Rows begin at $x and are $stride
  ;; bytes long; there is at least one. Of a node's second word, $mask is the column, and what is above $shift bits the distance.
  (func (export "walk") (param $root i32) (param $x i32) (param $stride i32) (param $rows i32) (param $leaves i32) (param $shift i32) (param $mask i32)
    (local $last i32) (local $moved i32)
    ;; Of each walk: where its row begins, its node, that node's second word, and the next node.
    (local $xa i32) (local $a i32) (local $wa i32) (local $na i32)
    (local $xb i32) (local $b i32) (local $wb i32) (local $nb i32)
    (local $xc i32) (local $c i32) (local $wc i32) (local $nc i32)
    (local $xd i32) (local $d i32) (local $wd i32) (local $nd i32)
    (local $xe i32) (local $e i32) (local $we i32) (local $ne i32)
    (local $xf i32) (local $f i32) (local $wf i32) (local $nf i32)
    (local $xg i32) (local $g i32) (local $wg i32) (local $ng i32)
    (local $xh i32) (local $h i32) (local $wh i32) (local $nh i32)
    (local.set $last (i32.add (local.get $x) (i32.mul (local.get $stride) (i32.sub (local.get $rows) (i32.const 1)))))
    (loop $rows
      ;; Past the last row, the last row again.
      (local.set $xa (local.get $x))
      (local.set $xb (i32.add (local.get $xa) (local.get $stride)))
      (local.set $xb (select (local.get $xb) (local.get $last) (i32.le_u (local.get $xb) (local.get $last))))
      (local.set $xc (i32.add (local.get $xb) (local.get $stride)))
      (local.set $xc (select (local.get $xc) (local.get $last) (i32.le_u (local.get $xc) (local.get $last))))
      (local.set $xd (i32.add (local.get $xc) (local.get $stride)))
      (local.set $xd (select (local.get $xd) (local.get $last) (i32.le_u (local.get $xd) (local.get $last))))
      (local.set $xe (i32.add (local.get $xd) (local.get $stride)))
      (local.set $xe (select (local.get $xe) (local.get $last) (i32.le_u (local.get $xe) (local.get $last))))
      (local.set $xf (i32.add (local.get $xe) (local.get $stride)))
      (local.set $xf (select (local.get $xf) (local.get $last) (i32.le_u (local.get $xf) (local.get $last))))
      (local.set $xg (i32.add (local.get $xf) (local.get $stride)))
      (local.set $xg (select (local.get $xg) (local.get $last) (i32.le_u (local.get $xg) (local.get $last))))
      (local.set $xh (i32.add (local.get $xg) (local.get $stride)))
      (local.set $xh (select (local.get $xh) (local.get $last) (i32.le_u (local.get $xh) (local.get $last))))
      (local.set $a (local.get $root))
      (local.set $b (local.get $root))
      (local.set $c (local.get $root))
      (local.set $d (local.get $root))
      (local.set $e (local.get $root))
      (local.set $f (local.get $root))
      (local.set $g (local.get $root))
      (local.set $h (local.get $root))
      (loop $steps
        (local.set $wa (i32.load offset=4 (local.get $a)))
        (local.set $wb (i32.load offset=4 (local.get $b)))
        (local.set $wc (i32.load offset=4 (local.get $c)))
        (local.set $wd (i32.load offset=4 (local.get $d)))
        (local.set $we (i32.load offset=4 (local.get $e)))
        (local.set $wf (i32.load offset=4 (local.get $f)))
        (local.set $wg (i32.load offset=4 (local.get $g)))
        (local.set $wh (i32.load offset=4 (local.get $h)))
        ;; next = node + 8 bytes * (distance to the right child - (value <= threshold))
        (local.set $na (i32.add (local.get $a) (i32.shl (i32.sub
          (i32.shr_s (local.get $wa) (local.get $shift))
          (f32.le
            (f32.load (i32.add (local.get $xa) (i32.shl (i32.and (local.get $wa) (local.get $mask)) (i32.const 2))))
            (f32.load (local.get $a))))
          (i32.const 3))))
        (local.set $nb (i32.add (local.get $b) (i32.shl (i32.sub
          (i32.shr_s (local.get $wb) (local.get $shift))
          (f32.le
            (f32.load (i32.add (local.get $xb) (i32.shl (i32.and (local.get $wb) (local.get $mask)) (i32.const 2))))
            (f32.load (local.get $b))))
          (i32.const 3))))
        (local.set $nc (i32.add (local.get $c) (i32.shl (i32.sub
          (i32.shr_s (local.get $wc) (local.get $shift))
          (f32.le
            (f32.load (i32.add (local.get $xc) (i32.shl (i32.and (local.get $wc) (local.get $mask)) (i32.const 2))))
            (f32.load (local.get $c))))
          (i32.const 3))))
        (local.set $nd (i32.add (local.get $d) (i32.shl (i32.sub
          (i32.shr_s (local.get $wd) (local.get $shift))
          (f32.le
            (f32.load (i32.add (local.get $xd) (i32.shl (i32.and (local.get $wd) (local.get $mask)) (i32.const 2))))
            (f32.load (local.get $d))))
          (i32.const 3))))
        (local.set $ne (i32.add (local.get $e) (i32.shl (i32.sub
          (i32.shr_s (local.get $we) (local.get $shift))
          (f32.le
            (f32.load (i32.add (local.get $xe) (i32.shl (i32.and (local.get $we) (local.get $mask)) (i32.const 2))))
            (f32.load (local.get $e))))
          (i32.const 3))))
        (local.set $nf (i32.add (local.get $f) (i32.shl (i32.sub
          (i32.shr_s (local.get $wf) (local.get $shift))
          (f32.le
            (f32.load (i32.add (local.get $xf) (i32.shl (i32.and (local.get $wf) (local.get $mask)) (i32.const 2))))
            (f32.load (local.get $f))))
          (i32.const 3))))
        (local.set $ng (i32.add (local.get $g) (i32.shl (i32.sub
          (i32.shr_s (local.get $wg) (local.get $shift))
          (f32.le
            (f32.load (i32.add (local.get $xg) (i32.shl (i32.and (local.get $wg) (local.get $mask)) (i32.const 2))))
            (f32.load (local.get $g))))
          (i32.const 3))))
        (local.set $nh (i32.add (local.get $h) (i32.shl (i32.sub
          (i32.shr_s (local.get $wh) (local.get $shift))
          (f32.le
            (f32.load (i32.add (local.get $xh) (i32.shl (i32.and (local.get $wh) (local.get $mask)) (i32.const 2))))
            (f32.load (local.get $h))))
          (i32.const 3))))
        (local.set $moved (i32.xor (local.get $a) (local.get $na)))
        (local.set $moved (i32.or (local.get $moved) (i32.xor (local.get $b) (local.get $nb))))
        (local.set $moved (i32.or (local.get $moved) (i32.xor (local.get $c) (local.get $nc))))
        (local.set $moved (i32.or (local.get $moved) (i32.xor (local.get $d) (local.get $nd))))
        (local.set $moved (i32.or (local.get $moved) (i32.xor (local.get $e) (local.get $ne))))
        (local.set $moved (i32.or (local.get $moved) (i32.xor (local.get $f) (local.get $nf))))
        (local.set $moved (i32.or (local.get $moved) (i32.xor (local.get $g) (local.get $ng))))
        (local.set $moved (i32.or (local.get $moved) (i32.xor (local.get $h) (local.get $nh))))
        (local.set $a (local.get $na))
        (local.set $b (local.get $nb))
        (local.set $c (local.get $nc))
        (local.set $d (local.get $nd))
        (local.set $e (local.get $ne))
        (local.set $f (local.get $nf))
        (local.set $g (local.get $ng))
        (local.set $h (local.get $nh))
        (br_if $steps (local.get $moved)))
      (i32.store offset=0 (local.get $leaves) (i32.and (i32.load (local.get $a)) (i32.const 0x3fffff)))
      (i32.store offset=4 (local.get $leaves) (i32.and (i32.load (local.get $b)) (i32.const 0x3fffff)))
      (i32.store offset=8 (local.get $leaves) (i32.and (i32.load (local.get $c)) (i32.const 0x3fffff)))
      (i32.store offset=12 (local.get $leaves) (i32.and (i32.load (local.get $d)) (i32.const 0x3fffff)))
      (i32.store offset=16 (local.get $leaves) (i32.and (i32.load (local.get $e)) (i32.const 0x3fffff)))
      (i32.store offset=20 (local.get $leaves) (i32.and (i32.load (local.get $f)) (i32.const 0x3fffff)))
      (i32.store offset=24 (local.get $leaves) (i32.and (i32.load (local.get $g)) (i32.const 0x3fffff)))
      (i32.store offset=28 (local.get $leaves) (i32.and (i32.load (local.get $h)) (i32.const 0x3fffff)))
      (local.set $leaves (i32.add (local.get $leaves) (i32.const 32)))
      (local.set $x (i32.add (local.get $x) (i32.shl (local.get $stride) (i32.const 3))))
      (br_if $rows (i32.le_u (local.get $x) (local.get $last)))))

  ;; The same of a tree with sets of categories, four rows side by side. A node that splits by one has the bit below the distance, and
  ;; for its threshold the place of its set, in words from $sets: a last bit's number, then bits, 1 for left. Bit 0 is for
  ;; what is missing or less than 0, bit 1 + c for category c, the last bit for what is more. At $sets is one of no use, which nodes
  ;; without one look at, so that here too no branch depends on the data.
  (func (export "walkSets") (param $root i32) (param $x i32) (param $stride i32) (param $rows i32) (param $leaves i32) (param $shift i32) (param $mask i32) (param $sets i32)
    (local $last i32) (local $moved i32) (local $flag i32) (local $v f32) (local $has i32) (local $set i32) (local $end i32) (local $bit i32) (local $less i32)
    (local $xa i32) (local $a i32) (local $wa i32) (local $na i32)
    (local $xb i32) (local $b i32) (local $wb i32) (local $nb i32)
    (local $xc i32) (local $c i32) (local $wc i32) (local $nc i32)
    (local $xd i32) (local $d i32) (local $wd i32) (local $nd i32)
    (local.set $flag (i32.sub (local.get $shift) (i32.const 1)))
    (local.set $last (i32.add (local.get $x) (i32.mul (local.get $stride) (i32.sub (local.get $rows) (i32.const 1)))))
    (loop $rows
      (local.set $xa (local.get $x))
      (local.set $xb (i32.add (local.get $xa) (local.get $stride)))
      (local.set $xb (select (local.get $xb) (local.get $last) (i32.le_u (local.get $xb) (local.get $last))))
      (local.set $xc (i32.add (local.get $xb) (local.get $stride)))
      (local.set $xc (select (local.get $xc) (local.get $last) (i32.le_u (local.get $xc) (local.get $last))))
      (local.set $xd (i32.add (local.get $xc) (local.get $stride)))
      (local.set $xd (select (local.get $xd) (local.get $last) (i32.le_u (local.get $xd) (local.get $last))))
      (local.set $a (local.get $root))
      (local.set $b (local.get $root))
      (local.set $c (local.get $root))
      (local.set $d (local.get $root))
      (loop $steps
        ;; Choices are made with masks, since a select would be a branch: has is all ones where there is a set, bit is
        ;; min(1 + category, last bit), or 0 where the value is not at least 0.
        (local.set $wa (i32.load offset=4 (local.get $a)))
        (local.set $v (f32.load (i32.add (local.get $xa) (i32.shl (i32.and (local.get $wa) (local.get $mask)) (i32.const 2)))))
        (local.set $has (i32.sub (i32.const 0) (i32.and (i32.shr_u (local.get $wa) (local.get $flag)) (i32.const 1))))
        (local.set $set (i32.add (local.get $sets) (i32.shl (i32.and (i32.load (local.get $a)) (local.get $has)) (i32.const 2))))
        (local.set $end (i32.load (local.get $set)))
        (local.set $bit (i32.add (i32x4.extract_lane 0 (i32x4.trunc_sat_f32x4_s (f32x4.splat (local.get $v)))) (i32.const 1)))
        (local.set $bit (i32.xor (local.get $end) (i32.and
          (i32.xor (local.get $bit) (local.get $end))
          (i32.sub (i32.const 0) (i32.lt_u (local.get $bit) (local.get $end))))))
        (local.set $bit (i32.and (local.get $bit) (i32.sub (i32.const 0) (f32.ge (local.get $v) (f32.const 0)))))
        (local.set $less (f32.le (local.get $v) (f32.load (local.get $a))))
        (local.set $na (i32.add (local.get $a) (i32.shl (i32.sub
          (i32.shr_s (local.get $wa) (local.get $shift))
          (i32.xor (local.get $less) (i32.and
            (i32.and (local.get $has) (i32.const 1))
            (i32.xor (local.get $less) (i32.shr_u
              (i32.load offset=4 (i32.add (local.get $set) (i32.shl (i32.shr_u (local.get $bit) (i32.const 5)) (i32.const 2))))
              (local.get $bit))))))
          (i32.const 3))))
        (local.set $wb (i32.load offset=4 (local.get $b)))
        (local.set $v (f32.load (i32.add (local.get $xb) (i32.shl (i32.and (local.get $wb) (local.get $mask)) (i32.const 2)))))
        (local.set $has (i32.sub (i32.const 0) (i32.and (i32.shr_u (local.get $wb) (local.get $flag)) (i32.const 1))))
        (local.set $set (i32.add (local.get $sets) (i32.shl (i32.and (i32.load (local.get $b)) (local.get $has)) (i32.const 2))))
        (local.set $end (i32.load (local.get $set)))
        (local.set $bit (i32.add (i32x4.extract_lane 0 (i32x4.trunc_sat_f32x4_s (f32x4.splat (local.get $v)))) (i32.const 1)))
        (local.set $bit (i32.xor (local.get $end) (i32.and
          (i32.xor (local.get $bit) (local.get $end))
          (i32.sub (i32.const 0) (i32.lt_u (local.get $bit) (local.get $end))))))
        (local.set $bit (i32.and (local.get $bit) (i32.sub (i32.const 0) (f32.ge (local.get $v) (f32.const 0)))))
        (local.set $less (f32.le (local.get $v) (f32.load (local.get $b))))
        (local.set $nb (i32.add (local.get $b) (i32.shl (i32.sub
          (i32.shr_s (local.get $wb) (local.get $shift))
          (i32.xor (local.get $less) (i32.and
            (i32.and (local.get $has) (i32.const 1))
            (i32.xor (local.get $less) (i32.shr_u
              (i32.load offset=4 (i32.add (local.get $set) (i32.shl (i32.shr_u (local.get $bit) (i32.const 5)) (i32.const 2))))
              (local.get $bit))))))
          (i32.const 3))))
        (local.set $wc (i32.load offset=4 (local.get $c)))
        (local.set $v (f32.load (i32.add (local.get $xc) (i32.shl (i32.and (local.get $wc) (local.get $mask)) (i32.const 2)))))
        (local.set $has (i32.sub (i32.const 0) (i32.and (i32.shr_u (local.get $wc) (local.get $flag)) (i32.const 1))))
        (local.set $set (i32.add (local.get $sets) (i32.shl (i32.and (i32.load (local.get $c)) (local.get $has)) (i32.const 2))))
        (local.set $end (i32.load (local.get $set)))
        (local.set $bit (i32.add (i32x4.extract_lane 0 (i32x4.trunc_sat_f32x4_s (f32x4.splat (local.get $v)))) (i32.const 1)))
        (local.set $bit (i32.xor (local.get $end) (i32.and
          (i32.xor (local.get $bit) (local.get $end))
          (i32.sub (i32.const 0) (i32.lt_u (local.get $bit) (local.get $end))))))
        (local.set $bit (i32.and (local.get $bit) (i32.sub (i32.const 0) (f32.ge (local.get $v) (f32.const 0)))))
        (local.set $less (f32.le (local.get $v) (f32.load (local.get $c))))
        (local.set $nc (i32.add (local.get $c) (i32.shl (i32.sub
          (i32.shr_s (local.get $wc) (local.get $shift))
          (i32.xor (local.get $less) (i32.and
            (i32.and (local.get $has) (i32.const 1))
            (i32.xor (local.get $less) (i32.shr_u
              (i32.load offset=4 (i32.add (local.get $set) (i32.shl (i32.shr_u (local.get $bit) (i32.const 5)) (i32.const 2))))
              (local.get $bit))))))
          (i32.const 3))))
        (local.set $wd (i32.load offset=4 (local.get $d)))
        (local.set $v (f32.load (i32.add (local.get $xd) (i32.shl (i32.and (local.get $wd) (local.get $mask)) (i32.const 2)))))
        (local.set $has (i32.sub (i32.const 0) (i32.and (i32.shr_u (local.get $wd) (local.get $flag)) (i32.const 1))))
        (local.set $set (i32.add (local.get $sets) (i32.shl (i32.and (i32.load (local.get $d)) (local.get $has)) (i32.const 2))))
        (local.set $end (i32.load (local.get $set)))
        (local.set $bit (i32.add (i32x4.extract_lane 0 (i32x4.trunc_sat_f32x4_s (f32x4.splat (local.get $v)))) (i32.const 1)))
        (local.set $bit (i32.xor (local.get $end) (i32.and
          (i32.xor (local.get $bit) (local.get $end))
          (i32.sub (i32.const 0) (i32.lt_u (local.get $bit) (local.get $end))))))
        (local.set $bit (i32.and (local.get $bit) (i32.sub (i32.const 0) (f32.ge (local.get $v) (f32.const 0)))))
        (local.set $less (f32.le (local.get $v) (f32.load (local.get $d))))
        (local.set $nd (i32.add (local.get $d) (i32.shl (i32.sub
          (i32.shr_s (local.get $wd) (local.get $shift))
          (i32.xor (local.get $less) (i32.and
            (i32.and (local.get $has) (i32.const 1))
            (i32.xor (local.get $less) (i32.shr_u
              (i32.load offset=4 (i32.add (local.get $set) (i32.shl (i32.shr_u (local.get $bit) (i32.const 5)) (i32.const 2))))
              (local.get $bit))))))
          (i32.const 3))))
        (local.set $moved (i32.xor (local.get $a) (local.get $na)))
        (local.set $moved (i32.or (local.get $moved) (i32.xor (local.get $b) (local.get $nb))))
        (local.set $moved (i32.or (local.get $moved) (i32.xor (local.get $c) (local.get $nc))))
        (local.set $moved (i32.or (local.get $moved) (i32.xor (local.get $d) (local.get $nd))))
        (local.set $a (local.get $na))
        (local.set $b (local.get $nb))
        (local.set $c (local.get $nc))
        (local.set $d (local.get $nd))
        (br_if $steps (local.get $moved)))
      (i32.store offset=0 (local.get $leaves) (i32.and (i32.load (local.get $a)) (i32.const 0x3fffff)))
      (i32.store offset=4 (local.get $leaves) (i32.and (i32.load (local.get $b)) (i32.const 0x3fffff)))
      (i32.store offset=8 (local.get $leaves) (i32.and (i32.load (local.get $c)) (i32.const 0x3fffff)))
      (i32.store offset=12 (local.get $leaves) (i32.and (i32.load (local.get $d)) (i32.const 0x3fffff)))
      (local.set $leaves (i32.add (local.get $leaves) (i32.const 16)))
      (local.set $x (i32.add (local.get $x) (i32.shl (local.get $stride) (i32.const 2))))
      (br_if $rows (i32.le_u (local.get $x) (local.get $last)))))

  ;; Adds to each row's $width sums of 8 bytes: 1 to that of the label its leaf is sure of, else the leaf's $width values.
  (func (export "addShares") (param $leaves i32) (param $rows i32) (param $width i32) (param $values i32) (param $sums i32)
    (local $held i32) (local $value i32) (local $end i32) (local $pairs i32) (local $step i32)
    (local.set $step (i32.shl (local.get $width) (i32.const 3)))
    (local.set $end (i32.add (local.get $leaves) (i32.shl (local.get $rows) (i32.const 2))))
    (loop $rows
      (local.set $held (i32.load (local.get $leaves)))
      (if (i32.lt_u (local.get $held) (local.get $width))
        (then
          (local.set $value (i32.add (local.get $sums) (i32.shl (local.get $held) (i32.const 3))))
          (f64.store (local.get $value) (f64.add (f64.load (local.get $value)) (f64.const 1)))
          (local.set $sums (i32.add (local.get $sums) (local.get $step))))
        (else
          (local.set $value (i32.add (local.get $values) (i32.mul (i32.sub (local.get $held) (local.get $width)) (local.get $step))))
          (local.set $pairs (i32.shr_u (local.get $width) (i32.const 1)))
          ;; Here are at least two classes.
          (loop $two
            (v128.store (local.get $sums) (f64x2.add (v128.load (local.get $sums)) (v128.load (local.get $value))))
            (local.set $sums (i32.add (local.get $sums) (i32.const 16)))
            (local.set $value (i32.add (local.get $value) (i32.const 16)))
            (br_if $two (local.tee $pairs (i32.sub (local.get $pairs) (i32.const 1)))))
          (if (i32.and (local.get $width) (i32.const 1))
            (then
              (f64.store (local.get $sums) (f64.add (f64.load (local.get $sums)) (f64.load (local.get $value))))
              (local.set $sums (i32.add (local.get $sums) (i32.const 8)))))))
      (local.set $leaves (i32.add (local.get $leaves) (i32.const 4)))
      (br_if $rows (i32.lt_u (local.get $leaves) (local.get $end)))))

  ;; Adds the one value of each row's leaf to its sum at $sums; those of two rows are $step bytes apart.
  (func (export "addValues") (param $leaves i32) (param $rows i32) (param $step i32) (param $values i32) (param $sums i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $leaves) (i32.shl (local.get $rows) (i32.const 2))))
    (loop $rows
      (f64.store (local.get $sums)
        (f64.add
          (f64.load (local.get $sums))
          (f64.load (i32.add (local.get $values) (i32.shl (i32.load (local.get $leaves)) (i32.const 3))))))
      (local.set $sums (i32.add (local.get $sums) (local.get $step)))
      (local.set $leaves (i32.add (local.get $leaves) (i32.const 4)))
      (br_if $rows (i32.lt_u (local.get $leaves) (local.get $end))))))

;; One row walked down many packed trees (pack.ts), eight side by side: their nodes are nowhere near, and while one is waited for the others
;; go on. No branch depends on the data, and eight end together, when none moved. The slow twin is leafOf in tree.ts.
(module
  (memory (import "env" "memory") 1)

  ;; Stores what the leaves hold, 4 bytes a tree, at $leaves. From $roots up to $end are the places of the trees' roots, 4 bytes each; eight
  ;; are read and stored at a time, also where fewer are left. Of a node's second word, $mask is the column, and what is above
  ;; $shift bits the distance.
  (func (export "walk") (param $roots i32) (param $end i32) (param $x i32) (param $leaves i32) (param $shift i32) (param $mask i32)
    (local $moved i32)
    (local $a i32) (local $wa i32) (local $na i32)
    (local $b i32) (local $wb i32) (local $nb i32)
    (local $c i32) (local $wc i32) (local $nc i32)
    (local $d i32) (local $wd i32) (local $nd i32)
    (local $e i32) (local $we i32) (local $ne i32)
    (local $f i32) (local $wf i32) (local $nf i32)
    (local $g i32) (local $wg i32) (local $ng i32)
    (local $h i32) (local $wh i32) (local $nh i32)
    (loop $trees
      (local.set $a (i32.load offset=0 (local.get $roots)))
      (local.set $b (i32.load offset=4 (local.get $roots)))
      (local.set $c (i32.load offset=8 (local.get $roots)))
      (local.set $d (i32.load offset=12 (local.get $roots)))
      (local.set $e (i32.load offset=16 (local.get $roots)))
      (local.set $f (i32.load offset=20 (local.get $roots)))
      (local.set $g (i32.load offset=24 (local.get $roots)))
      (local.set $h (i32.load offset=28 (local.get $roots)))
      (loop $steps
        (local.set $wa (i32.load offset=4 (local.get $a)))
        (local.set $wb (i32.load offset=4 (local.get $b)))
        (local.set $wc (i32.load offset=4 (local.get $c)))
        (local.set $wd (i32.load offset=4 (local.get $d)))
        (local.set $we (i32.load offset=4 (local.get $e)))
        (local.set $wf (i32.load offset=4 (local.get $f)))
        (local.set $wg (i32.load offset=4 (local.get $g)))
        (local.set $wh (i32.load offset=4 (local.get $h)))
        (local.set $na (i32.add (local.get $a) (i32.shl (i32.sub
          (i32.shr_s (local.get $wa) (local.get $shift))
          (f32.le
            (f32.load (i32.add (local.get $x) (i32.shl (i32.and (local.get $wa) (local.get $mask)) (i32.const 2))))
            (f32.load (local.get $a))))
          (i32.const 3))))
        (local.set $nb (i32.add (local.get $b) (i32.shl (i32.sub
          (i32.shr_s (local.get $wb) (local.get $shift))
          (f32.le
            (f32.load (i32.add (local.get $x) (i32.shl (i32.and (local.get $wb) (local.get $mask)) (i32.const 2))))
            (f32.load (local.get $b))))
          (i32.const 3))))
        (local.set $nc (i32.add (local.get $c) (i32.shl (i32.sub
          (i32.shr_s (local.get $wc) (local.get $shift))
          (f32.le
            (f32.load (i32.add (local.get $x) (i32.shl (i32.and (local.get $wc) (local.get $mask)) (i32.const 2))))
            (f32.load (local.get $c))))
          (i32.const 3))))
        (local.set $nd (i32.add (local.get $d) (i32.shl (i32.sub
          (i32.shr_s (local.get $wd) (local.get $shift))
          (f32.le
            (f32.load (i32.add (local.get $x) (i32.shl (i32.and (local.get $wd) (local.get $mask)) (i32.const 2))))
            (f32.load (local.get $d))))
          (i32.const 3))))
        (local.set $ne (i32.add (local.get $e) (i32.shl (i32.sub
          (i32.shr_s (local.get $we) (local.get $shift))
          (f32.le
            (f32.load (i32.add (local.get $x) (i32.shl (i32.and (local.get $we) (local.get $mask)) (i32.const 2))))
            (f32.load (local.get $e))))
          (i32.const 3))))
        (local.set $nf (i32.add (local.get $f) (i32.shl (i32.sub
          (i32.shr_s (local.get $wf) (local.get $shift))
          (f32.le
            (f32.load (i32.add (local.get $x) (i32.shl (i32.and (local.get $wf) (local.get $mask)) (i32.const 2))))
            (f32.load (local.get $f))))
          (i32.const 3))))
        (local.set $ng (i32.add (local.get $g) (i32.shl (i32.sub
          (i32.shr_s (local.get $wg) (local.get $shift))
          (f32.le
            (f32.load (i32.add (local.get $x) (i32.shl (i32.and (local.get $wg) (local.get $mask)) (i32.const 2))))
            (f32.load (local.get $g))))
          (i32.const 3))))
        (local.set $nh (i32.add (local.get $h) (i32.shl (i32.sub
          (i32.shr_s (local.get $wh) (local.get $shift))
          (f32.le
            (f32.load (i32.add (local.get $x) (i32.shl (i32.and (local.get $wh) (local.get $mask)) (i32.const 2))))
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
      (local.set $roots (i32.add (local.get $roots) (i32.const 32)))
      (br_if $trees (i32.lt_u (local.get $roots) (local.get $end))))))

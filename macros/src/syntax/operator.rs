//! The operators of Rust that TorchScript does not have, as a closed table.
//!
//! A call such as `$div(a, b)` in the tree is resolved by the shim, which knows the operands' types
//! (`runtime/shim/rust_ops.cc`). This file depends on nothing but `std`: an integration test includes it, and
//! compares the table with the shim's own.

/// Defines the enum from a table. Each line has the variant, its name in the tree without the `$`, and the Rust form
/// that it stands for.
macro_rules! operators {
    ($($variant:ident $name:literal $doc:literal,)*) => {
        /// An operator that the shim resolves by the operands' types.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Operator {
            $(#[doc = $doc] $variant,)*
        }

        impl Operator {
            /// All operators, in the order of the table.
            #[allow(dead_code, reason = "asked for by tests")]
            pub const ALL: &'static [Operator] = &[$(Operator::$variant),*];

            /// Its name in TorchScript, without the `$` that stands before it in the tree.
            pub fn name(self) -> &'static str {
                match self {
                    $(Operator::$variant => $name,)*
                }
            }
        }
    };
}

#[rustfmt::skip]
operators! {
    // Operators that lowering itself needs, for no single form of Rust.
    Panic "panic" "`raise $panic(message)`: the exception that a Rust panic or an `Err` becomes.",
    NoGrad "no_grad" "`tch::no_grad(…)`: `with $no_grad():`.",
    EnableGrad "enable_grad" "`tch::with_grad(…)`: `with $enable_grad():`.",
    Fork "fork" "`fork(|| self.f(x))` as `$fork(self.f, x)`.",
    Annotate "annotate" "`$annotate(T, value)`: the value, taken as one of the type `T`.",
    Copy "copy" "A list of its own, where TorchScript would give one list a second name.",
    Optional "optional" "The value as an option that is present.",
    Unwrap "unwrap" "`value.unwrap()`; a `Result` is its own value.",
    Field "field" "`pair.0`; of a field's field, all indices in one: `$field(pair, 0, 1)`.",
    Matches "matches" "Whether a pattern's constant, or its variant of an enum, is what the value is.",
    AsVariant "as_variant" "The fields of a value that is a variant of an enum; a struct is its own variant.",
    Element "element" "The element of a tensor at a list of indices.",

    // Operators of Rust that depend on the operands' types. The type of the result, where rustc is asked for it, stands
    // behind the operands.
    Div "div" "`a / b`: of integers, as Rust rounds.",
    AddAssign "add_assign" "`a += b`: of tensors, in place.",
    SubAssign "sub_assign" "`a -= b`, the same.",
    MulAssign "mul_assign" "`a *= b`, the same.",
    DivAssign "div_assign" "`a /= b`: of tensors, in place.",
    NaturalDiv "natural_div" "`a / b` of an integer that is not negative: `//` if `b` is known to be positive.",
    NaturalRem "natural_rem" "`a % b` of such an integer.",
    Rem "rem" "`a % b`.",
    Shl "shl" "`a << b`, which fails for a `b` that is too large.",
    Shr "shr" "`a >> b`, the same.",
    Eq "eq" "`a == b`.",
    Ne "ne" "`a != b`.",
    Not "not" "`!a`: of a bool and of an integer.",

    // Casts and conversions.
    Exact "exact" "The result of an operator of TorchScript as a number of a type that has less than 64 bits, or no sign.",
    ToF32 "to_f32" "`x as f32`.",
    ToFloat "to_float" "`x as f64`.",
    ToInt "to_int" "`x as i64`.",
    ToUnsigned "to_unsigned" "`x as usize`.",
    ToI8 "to_i8" "`x as i8`.",
    ToI16 "to_i16" "`x as i16`.",
    ToI32 "to_i32" "`x as i32`.",
    ToU8 "to_u8" "`x as u8`.",
    ToU16 "to_u16" "`x as u16`.",
    ToU32 "to_u32" "`x as u32`.",
    TryI8 "try_i8" "`i8::try_from(x)?`.",
    TryI16 "try_i16" "`i16::try_from(x)?`.",
    TryI32 "try_i32" "`i32::try_from(x)?`.",
    TryU8 "try_u8" "`u8::try_from(x)?`.",
    TryU16 "try_u16" "`u16::try_from(x)?`.",
    TryU32 "try_u32" "`u32::try_from(x)?`.",
    TryUnsigned "try_unsigned" "`usize::try_from(x)?`.",
    Into "into" "`value.into()`, with the name of the type that it becomes.",
    TryInto "try_into" "`value.try_into()?`, with the name of the type, an integer.",
    Sized "sized" "`list.try_into()?`, with the length of the array.",
    Parse "parse" "`text.parse()?`, with the name of the type.",
    ParseInt "parse_int" "`text.parse::<i64>()?`.",
    ParseFloat "parse_float" "`text.parse::<f64>()?`.",
    ParseBool "parse_bool" "`text.parse::<bool>()?`.",
    Display "display" "`value.to_string()`, as `{}` shows it.",

    // Options and values of any type.
    Option "option" "The value, which has to be an option: of a `Result`, an error would be handled.",
    Result "result" "The value, which must not be an option: `?` would leave a closure.",
    IsSome "is_some" "`value.is_some()`, of a variable that can be assigned.",
    IsNone "is_none" "`value.is_none()`, of a variable that can be assigned.",
    With "with" "`tuple.field = value`, and `T { field: value, ..tuple }`: the tuple with other fields.",
    UnwrapOrDefault "unwrap_or_default" "`value.unwrap_or_default()`.",
    Clone "clone" "`value.clone()`.",

    // Numbers.
    Abs "abs" "`x.abs()`.",
    AbsDiff "abs_diff" "`x.abs_diff(y)`.",
    Cbrt "cbrt" "`x.cbrt()`.",
    Ceil "ceil" "`x.ceil()`.",
    CheckedAbs "checked_abs" "`x.checked_abs()`, with the bounds of the type behind, as in all that follow.",
    CheckedAdd "checked_add" "`x.checked_add(y)`.",
    CheckedDiv "checked_div" "`x.checked_div(y)`, without bounds.",
    CheckedMul "checked_mul" "`x.checked_mul(y)`.",
    CheckedPow "checked_pow" "`x.checked_pow(n)`.",
    CheckedSub "checked_sub" "`x.checked_sub(y)`.",
    CheckedRem "checked_rem" "`x.checked_rem(y)`, without bounds.",
    Clamp "clamp" "`x.clamp(low, high)`.",
    DivCeil "div_ceil" "`x.div_ceil(y)`.",
    DivEuclid "div_euclid" "`x.div_euclid(y)`.",
    Exp2 "exp2" "`x.exp2()`.",
    ExpM1 "exp_m1" "`x.exp_m1()`.",
    Floor "floor" "`x.floor()`.",
    Fract "fract" "`x.fract()`.",
    Hypot "hypot" "`x.hypot(y)`.",
    IsFinite "is_finite" "`x.is_finite()`.",
    IsInfinite "is_infinite" "`x.is_infinite()`.",
    IsNan "is_nan" "`x.is_nan()`.",
    IsNegative "is_negative" "`x.is_negative()`.",
    IsPositive "is_positive" "`x.is_positive()`.",
    IsSignNegative "is_sign_negative" "`x.is_sign_negative()`.",
    IsSignPositive "is_sign_positive" "`x.is_sign_positive()`.",
    Isqrt "isqrt" "`x.isqrt()`.",
    Less "less" "`x.partial_cmp(&y).unwrap().is_lt()`, in comparisons of `sort_by` and its like.",
    Ln "ln" "`x.ln()`.",
    Ln1p "ln_1p" "`x.ln_1p()`.",
    Log "log" "`x.log(base)`.",
    Log2 "log2" "`x.log2()`.",
    Max "max" "`x.max(y)`.",
    Min "min" "`x.min(y)`.",
    MulAdd "mul_add" "`x.mul_add(y, z)`.",
    Pow "pow" "`x.pow(n)`.",
    Recip "recip" "`x.recip()`.",
    RemEuclid "rem_euclid" "`x.rem_euclid(y)`.",
    Round "round" "`x.round()`.",
    RoundTiesEven "round_ties_even" "`x.round_ties_even()`.",
    SaturatingAdd "saturating_add" "`x.saturating_add(y)`.",
    SaturatingMul "saturating_mul" "`x.saturating_mul(y)`.",
    SaturatingPow "saturating_pow" "`x.saturating_pow(n)`.",
    SaturatingSub "saturating_sub" "`x.saturating_sub(y)`.",
    Signum "signum" "`x.signum()`.",
    SinCos "sin_cos" "`x.sin_cos()`.",
    ToDegrees "to_degrees" "`x.to_degrees()`.",
    ToRadians "to_radians" "`x.to_radians()`.",
    Trunc "trunc" "`x.trunc()`.",
    WrappingAdd "wrapping_add" "`x.wrapping_add(y)`.",
    WrappingMul "wrapping_mul" "`x.wrapping_mul(y)`.",
    WrappingPow "wrapping_pow" "`x.wrapping_pow(n)`.",
    WrappingSub "wrapping_sub" "`x.wrapping_sub(y)`.",

    // Lists and maps.
    Append "append" "`list.append(&mut other)`.",
    AssignList "assign_list" "All elements of a list are replaced: what `retain` leaves.",
    Chunks "chunks" "`list.chunks(n)`.",
    ChunksExact "chunks_exact" "`list.chunks_exact(n)`.",
    Clear "clear" "`list.clear()`.",
    Concat "concat" "`lists.concat()`, and `flatten` and `flat_map` of iterators.",
    Contains "contains" "`list.contains(&x)`, and of a string.",
    ContainsKey "contains_key" "`map.contains_key(&key)`.",
    DefaultElement "default_element" "`map.entry(key).or_default()`: what is added.",
    Dedup "dedup" "`list.dedup()`.",
    DictOf "dict_of" "`HashMap::from(pairs)`.",
    Extend "extend" "`list.extend(items)`.",
    First "first" "`list.first()`.",
    Get "get" "`list.get(i)`, and of a map.",
    Put "put" "`map.insert(key, x)` as a statement, and of a list.",
    Has "has" "Whether a list or a map has an element there: `list.last_mut().is_some()`.",
    Insert "insert" "`list.insert(i, x)`, and of a map.",
    Join "join" "`texts.join(separator)`.",
    Keys "keys" "`map.keys()`.",
    Last "last" "`list.last()`.",
    Pop "pop" "`list.pop()`.",
    Remove "remove" "`list.remove(i)`, and of a map.",
    Repeated "repeated" "`vec![x; n]`, of a value that is cloned.",
    Resize "resize" "`list.resize(n, x)`.",
    Reverse "reverse" "`list.reverse()`.",
    Sort "sort" "`list.sort()`.",
    SplitOff "split_off" "`list.split_off(i)`.",
    Drain "drain" "`list.drain(a..b)`.",
    SplitAt "split_at" "`list.split_at(i)`.",
    Swap "swap" "`list.swap(i, j)`.",
    SwapRemove "swap_remove" "`list.swap_remove(i)`.",
    Truncate "truncate" "`list.truncate(n)`.",
    Values "values" "`map.values()`.",
    Windows "windows" "`list.windows(n)`.",

    // Iterators, which are lists in TorchScript.
    Iter "iter" "What a loop runs over: a list, or the pairs of a map.",
    Indices "indices" "`0..modules.len()`: of modules, an index is known while compiling.",
    Chain "chain" "`a.chain(b)`.",
    Cloned "cloned" "`items.cloned()`.",
    DropWhile "drop_while" "`items.skip_while(f)`, with what `f` says of each item.",
    IndexOrNone "index_or_none" "The index, or `None` for -1.",
    Keep "keep" "`items.filter(f)`, with what `f` says of each item.",
    KeepWhile "keep_while" "`items.take_while(f)`, with what `f` says of each item.",
    Largest "largest" "`items.max()`.",
    Present "present" "`items.filter_map(f)`, of what `f` gives.",
    Product "product" "`items.product()`.",
    Rev "rev" "`items.rev()`.",
    Skip "skip" "`items.skip(n)`.",
    Smallest "smallest" "`items.min()`.",
    StepBy "step_by" "`items.step_by(n)`.",
    Sum "sum" "`items.sum()`.",
    Take "take" "`items.take(n)`.",

    // Strings.
    CountChars "count_chars" "`text.chars().count()`.",
    EndsWith "ends_with" "`text.ends_with(part)`.",
    Find "find" "`text.find(part)`.",
    Lines "lines" "`text.lines()`.",
    Lower "lower" "`text.to_lowercase()`.",
    Repeat "repeat" "`text.repeat(n)`, and of a list.",
    Replace "replace" "`text.replace(from, to)`.",
    Rfind "rfind" "`text.rfind(part)`.",
    Split "split" "`text.split(separator)`.",
    SplitWhitespace "split_whitespace" "`text.split_whitespace()`.",
    StartsWith "starts_with" "`text.starts_with(part)`.",
    StripPrefix "strip_prefix" "`text.strip_prefix(part)`.",
    StripSuffix "strip_suffix" "`text.strip_suffix(part)`.",
    TextConcat "text_concat" "`texts.collect::<String>()`.",
    Trim "trim" "`text.trim()`.",
    TrimEnd "trim_end" "`text.trim_end()`.",
    TrimStart "trim_start" "`text.trim_start()`.",
    Upper "upper" "`text.to_uppercase()`.",

    // Tensors: what tch writes by hand.
    IndexOp "i" "`x.i((0, 1..))`.",
    IntList "int_list" "A size or a dimension, as a list.",
    FloatList "float_list" "A float, as a list.",
    Tensor "tensor" "`Tensor::from_slice(&values)`, with the kind where it is known.",
    ToList "to_list" "`Vec::<f64>::try_from(x)?`, with how deep the list is, and the kind.",
    Cast "cast" "`x`, a tensor, rounded or wrapped to a kind, as tch converts it.",
    RunBackward "run_backward" "`Tensor::run_backward(outputs, inputs, keep, create)`.",
    AccuracyForLogits "accuracy_for_logits" "`x.accuracy_for_logits(targets)`.",
    AvgPool2dDefault "avg_pool2d_default" "`x.avg_pool2d_default(k)`.",
    CrossEntropyForLogits "cross_entropy_for_logits" "`x.cross_entropy_for_logits(targets)`.",
    FlatView "flat_view" "`x.flat_view()`.",
    MaxPool2dDefault "max_pool2d_default" "`x.max_pool2d_default(k)`.",
    Onehot "onehot" "`x.onehot(labels)`.",
    RandomBatch "random_batch" "`x.random_batch(n)`.",
    RandomBatch2 "random_batch2" "`Tensor::random_batch2(x, y, n)`.",
    Size "size" "`x.size()`.",
    SizeAt "size_at" "`x.size()[i]`.",
    Size1 "size1" "`x.size1()?`.",
    Size2 "size2" "`x.size2()?`.",
    Size3 "size3" "`x.size3()?`.",
    Size4 "size4" "`x.size4()?`.",
    Size5 "size5" "`x.size5()?`.",
    Size6 "size6" "`x.size6()?`.",
    Stride1 "stride1" "`x.stride1()?`.",
    Stride2 "stride2" "`x.stride2()?`.",
    Stride3 "stride3" "`x.stride3()?`.",
    Stride4 "stride4" "`x.stride4()?`.",
    Stride5 "stride5" "`x.stride5()?`.",
    Stride6 "stride6" "`x.stride6()?`.",
    ToMkldnn "to_mkldnn" "`x.to_mkldnn()`.",
    ZeroPad1d "zero_pad1d" "`x.zero_pad1d(left, right)`.",
    ZeroPad2d "zero_pad2d" "`x.zero_pad2d(left, right, top, bottom)`.",
}

//! The one list of primitives and the one list of tuples, from which the impls of all trait families are made.
//!
//! Each macro calls the macro that it is given: with a part of the types, as `each! { i64 usize }`, or with one tuple
//! at a time, as `each! { A FromA 0, B FromB 1 }`: a name for the type of each element, one for what it is made
//! from, and its index.

macro_rules! for_each_integer_but_i64 {
    ($each:ident) => {
        $each! { i8 i16 i32 isize u8 u16 u32 u64 usize }
    };
}

macro_rules! for_each_integer {
    ($each:ident) => {
        for_each_integer_but_i64! { $each }
        $each! { i64 }
    };
}

macro_rules! for_each_float {
    ($each:ident) => {
        $each! { f32 f64 }
    };
}

macro_rules! for_each_number {
    ($each:ident) => {
        for_each_integer! { $each }
        for_each_float! { $each }
    };
}

/// The types that are plain data by themselves, without a container around them.
macro_rules! for_each_primitive {
    ($each:ident) => {
        for_each_number! { $each }
        $each! { bool String tch::Device tch::Kind }
    };
}

/// Tuples of up to 12 elements, which is as far as the standard library's own traits go.
macro_rules! for_each_tuple {
    ($each:ident) => {
        $each! { A FromA 0 }
        $each! { A FromA 0, B FromB 1 }
        $each! { A FromA 0, B FromB 1, C FromC 2 }
        $each! { A FromA 0, B FromB 1, C FromC 2, D FromD 3 }
        $each! { A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4 }
        $each! { A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4, F FromF 5 }
        $each! { A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4, F FromF 5, G FromG 6 }
        $each! { A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4, F FromF 5, G FromG 6, H FromH 7 }
        $each! { A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4, F FromF 5, G FromG 6, H FromH 7, I FromI 8 }
        $each! { A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4, F FromF 5, G FromG 6, H FromH 7, I FromI 8, J FromJ 9 }
        $each! { A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4, F FromF 5, G FromG 6, H FromH 7, I FromI 8, J FromJ 9, K FromK 10 }
        $each! { A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4, F FromF 5, G FromG 6, H FromH 7, I FromI 8, J FromJ 9, K FromK 10, L FromL 11 }
    };
}

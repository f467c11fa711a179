//! Irreps: what is read, what is refused, and how they are ordered. Expected values are Python's.

use e3nn::{Irrep, Irreps, MulIr, Normalization, Parity, irreps};
use tch::{Device, Kind};

fn read(text: &str) -> String {
    irreps(text).to_string()
}

#[test]
fn text_is_read_and_written() {
    assert_eq!(read("4x0e + 2x1o+2e"), "4x0e+2x1o+1x2e");
    assert_eq!(read(""), "");
    assert_eq!(read("  "), "");
    assert_eq!(read("0x1e"), "0x1e");
    assert_eq!(read("2y + 3y"), "1x2e+1x3o");
    assert_eq!(read(" 2 x 1e "), "2x1e");
    let irrep: Irrep = "3o".parse().unwrap();
    assert_eq!((irrep.l, irrep.p, irrep.dim()), (3, Parity::Odd, 7));
}

#[test]
fn other_text_is_refused_with_a_reason() {
    for (text, reason) in [
        ("4x0e++1o", "an irrep is missing"),
        ("1E", "`1E` does not end in a parity, which is `e`, `o` or `y`"),
        ("2X1o", "`2X1` is not a degree"),
        ("-1x1o", "`-1` is not a number of copies"),
        ("1x-1o", "`-1` is not a degree"),
        ("3", "`3` does not end in a parity, which is `e`, `o` or `y`"),
        ("2x3x1o", "`3x1` is not a degree"),
        ("1é", "`1é` does not end in a parity, which is `e`, `o` or `y`"),
    ] {
        let error = text.parse::<Irreps>().unwrap_err().to_string();
        let expected = format!(
            "unable to convert string \"{text}\" into an Irreps: {reason}\nhelp: write irreps such as `4x0e + 2x1o + 2e`"
        );
        assert_eq!(error, expected);
    }
    assert!(
        "1o+1e".parse::<Irrep>().unwrap_err().to_string().contains("into an Irrep: `1o+1` is not a degree")
    );
}

#[test]
fn they_are_counted() {
    let it = irreps("2x0e+3x1o+0x4e+1x2e");
    assert_eq!((it.dim(), it.num_irreps(), it.lmax(), it.len()), (16, 6, Some(2), 4));
    assert_eq!(it.ls(), [0, 0, 1, 1, 1, 2]);
    assert_eq!(it.slices(), [0..2, 2..11, 11..11, 11..16]);
    assert_eq!(it.count("1o".parse().unwrap()), 3);
    assert_eq!(it.count("1e".parse().unwrap()), 0);
    assert!(it.has("4e".parse().unwrap()), "a part without copies is one");
    assert_eq!(it.remove_zero_multiplicities().to_string(), "2x0e+3x1o+1x2e");
    assert_eq!(irreps("").lmax(), None);
    assert_eq!(it[1], MulIr::new(3, Irrep::new(1, Parity::Odd)));
}

#[test]
fn they_are_ordered() {
    let sorted = irreps("1o+0e+1e+0o+1o+2x0e").sort();
    assert_eq!(sorted.irreps.to_string(), "1x0o+1x0e+2x0e+1x1o+1x1o+1x1e");
    assert_eq!(sorted.p, [3, 1, 5, 0, 4, 2]);
    assert_eq!(sorted.inv, [3, 1, 5, 0, 4, 2]);
    let sorted = irreps("1o+2e+0e").sort();
    assert_eq!((sorted.p, sorted.inv), (vec![1, 2, 0], vec![2, 0, 1]));
    assert_eq!(irreps("1e+1e+0x0e+1e+0e+1e").simplify().to_string(), "3x1e+1x0e+1x1e");
    assert_eq!(irreps("1e+0e+2x1e").regroup().to_string(), "1x0e+3x1e");
    let order: Vec<String> = Irrep::iterator(2).map(|it| it.to_string()).collect();
    assert_eq!(order, ["0e", "0o", "1o", "1e", "2e", "2o"]);
}

#[test]
fn they_are_added_multiplied_and_cut() {
    let (a, b) = (irreps("2x0e+1o"), irreps("3x1o"));
    assert_eq!((&a + &b).to_string(), "2x0e+1x1o+3x1o");
    assert_eq!(b.repeat(2).to_string(), "3x1o+3x1o");
    let product = Irrep::new(2, Parity::Even) * Irrep::new(1, Parity::Odd);
    assert_eq!(product.into_iter().collect::<Irreps>().to_string(), "1x1o+1x2o+1x3o");
    assert_eq!(Irreps::spherical_harmonics(3).to_string(), "1x0e+1x1o+1x2e+1x3o");
    assert_eq!(irreps("3x0e+2x1o+2e").slice_by_mul(2..5).to_string(), "1x0e+2x1o");
    assert_eq!(irreps("3x0e+2x1o+2e").slice_by_mul(4..9).to_string(), "1x1o+1x2e");
    assert_eq!(irreps("3x0e+2x1o+2e").filter(|it| it.ir.l < 2).to_string(), "3x0e+2x1o");
    assert_eq!((4 * Irrep::spherical(1)).to_string(), "4x1o");
}

#[test]
fn random_vectors_are_normalized() {
    tch::manual_seed(0);
    let it = irreps("2x0e+3x1o+2e");
    let options = (Kind::Double, Device::Cpu);
    let x = it.randn(&[4000, 2], Normalization::Component, options);
    assert_eq!(x.size(), [4000, 2, 16]);
    assert!((x.square().mean(Kind::Double).double_value(&[]) - 1.0).abs() < 0.02);
    let x = it.randn(&[5], Normalization::Norm, options);
    // Two scalars, three vectors and one of degree 2, each of length 1.
    assert!(
        (x.square().sum_dim_intlist([-1i64].as_slice(), false, Kind::Double) - 6.0)
            .abs()
            .max()
            .double_value(&[])
            < 1e-12
    );
    assert_eq!(irreps("").randn(&[3], Normalization::Component, options).size(), [3, 0]);
}

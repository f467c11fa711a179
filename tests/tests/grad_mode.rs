//! `no_grad` in scripted bodies: as in tch, gradients are not recorded there, and the mode is restored on every way out.

use integration_tests::agree;
use integration_tests::tensors::floats;
use tch::{IValue, Kind, Tensor};
use tch_jit::{ScriptModule, compile, compile_mode, methods};

agree! {
    fn value_of_no_grad(x: &Tensor) -> Tensor { let y = tch::no_grad(|| x * 2.0); y + x } on (&floats(&[1., 2.]));
    fn statements_in_no_grad(x: &Tensor, n: i64) -> (Tensor, i64) { let mut k = n; let mut y = x.zeros_like(); tch::no_grad(|| { for i in 0..n { y += x * i; k += 1; } }); (y, k) } on (&floats(&[1., 2.]), 3);
    fn guard(x: &Tensor, p: bool) -> Tensor { if p { let _guard = tch::no_grad_guard(); let y = x + 1.0; return y * 2.0; } x * 3.0 } on (&floats(&[1., 2.]), true) (&floats(&[1., 2.]), false);
    fn guard_in_a_loop(x: &Tensor, n: i64) -> Tensor { let mut y = x.shallow_clone(); for i in 0..n { let _guard = tch::no_grad_guard(); if i == 1 { continue; } y = y * 2.0; if i == 3 { break; } } y } on (&floats(&[1., 2.]), 6) (&floats(&[1., 2.]), 0);
    fn nested_modes(x: &Tensor) -> Tensor { tch::no_grad(|| { let y = x * 2.0; tch::with_grad(|| y * 3.0) }) } on (&floats(&[1., 2.]));
}

#[compile_mode(script)]
struct Frozen {
    w: Tensor,
}

#[methods]
impl Frozen {
    fn forward(&self, x: &Tensor, how: i64) -> Tensor {
        match how {
            0 => tch::no_grad(|| x * &self.w) + x * &self.w,
            1 => {
                let _guard = tch::no_grad_guard();
                assert!(x.size()[0] < 3, "too long");
                x * &self.w
            }
            2 => {
                let mut sum = x.zeros_like();
                for i in 0..4 {
                    let _guard = tch::no_grad_guard();
                    if i == 2 {
                        return sum + x * &self.w;
                    }
                    sum += x * i;
                }
                sum
            }
            3 => tch::no_grad(|| tch::with_grad(|| x * &self.w) + x),
            _ => {
                let y = x * &self.w;
                let scale = tch::no_grad(|| y.abs().max());
                y / scale
            }
        }
    }
}

fn gradient(output: &Tensor, w: &Tensor) -> Option<Vec<f64>> {
    if !output.requires_grad() {
        return None;
    }
    let grads = Tensor::run_backward(&[output.sum(Kind::Float)], &[w], false, false);
    Some(Vec::try_from(&grads[0].to_kind(Kind::Double)).unwrap())
}

/// Whether this thread records gradients.
fn records() -> bool {
    (floats(&[1.]).set_requires_grad(true) * 2.0).requires_grad()
}

#[test]
fn gradients_are_those_of_rust() {
    let w = floats(&[2., 3.]).set_requires_grad(true);
    let module = Frozen { w: w.shallow_clone() };
    let compiled = compile(&module).unwrap();
    for how in 0..5 {
        let x = floats(&[1., 5.]);
        let rust = gradient(&module.forward(&x, how), &w);
        for call in 0..3 {
            assert_eq!(gradient(&compiled.forward((&x, how)).unwrap(), &w), rust, "{how}, call {call}");
            assert!(records());
        }
    }
}

#[test]
fn the_mode_is_restored_by_every_way_out() {
    let w = floats(&[2.]).set_requires_grad(true);
    let compiled = compile(&Frozen { w }).unwrap();
    let mut file = vec![];
    compiled.save_to_writer(&mut file).unwrap();
    let loaded = ScriptModule::load_from_reader(&file[..], None, &[]).unwrap().0;
    let long = floats(&[1., 2., 3.]);
    for _ in 0..3 {
        assert!(compiled.forward((&long, 1)).unwrap_err().to_string().contains("too long"));
        assert!(records());
        assert!(loaded.forward(&[IValue::Tensor(long.shallow_clone()), IValue::Int(1)]).is_err());
        assert!(records());
        assert!(loaded.forward(&[IValue::Tensor(floats(&[1.])), IValue::Int(1)]).is_ok());
        assert!(records());
        let outer = tch::no_grad_guard();
        assert!(compiled.forward((&long, 1)).is_err());
        assert!(!records());
        drop(outer);
    }
}

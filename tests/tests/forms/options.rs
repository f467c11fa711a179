//! Options and results.

use integration_tests::agree;
use integration_tests::tensors::floats;
use tch::Tensor;

agree! {
    fn assigned(a: i64) -> Option<i64> { let mut o: Option<i64> = None; if a > 0 { o = Some(a); } if o.is_none() { None } else { Some(o.unwrap() + 1) } } on (1) (-1);
    fn option_methods(a: Option<i64>) -> (i64, i64, Option<i64>, bool) { (a.unwrap_or(3), a.map_or(1, |v| v * 2), a.map(|v| v * 2).filter(|v| *v > 2).or(Some(5)), a.is_some_and(|v| v > 1)) } on (Some(1)) (None::<i64>) (Some(4));
    fn lazy_option_methods(a: Option<i64>) -> (i64, i64, Option<i64>, Option<i64>) { (a.unwrap_or_else(|| 3), a.map_or_else(|| 1, |v| v * 2), a.and_then(|v| if v > 1 { Some(v) } else { None }), a.or_else(|| Some(9))) } on (Some(1)) (None::<i64>) (Some(4));
    fn missing_values_return(a: Option<i64>) -> Option<i64> { let b = a?; Some(b + 1) } on (Some(1)) (None::<i64>);
    fn results(x: &Tensor) -> Result<Tensor, tch::TchError> { if x.dim() == 7 { return Err(tch::TchError::Torch("seven".to_owned())); } let y = x.f_relu()?; Ok(y.f_neg().unwrap()) } on (&floats(&[1., -1.]));
}

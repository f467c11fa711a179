//! A layer of tch becomes an instance of PyTorch's class: each method is recorded once, on an example that the layer
//! accepts.

use tch::Tensor;

use super::class::{Origin, Shape, Slot};
use super::session::{Compiled, Session};
use crate::error::{Error, Result};
use crate::ffi::{self, TensorKind, Type, Value};
use crate::model::layer::{Inside, Layer, TracedMethod};
use crate::model::mode::CompileMode;
use crate::place::ModulePath;
use crate::record::{Snapshot, quiet};

impl Session<'_> {
    pub fn layer(&mut self, layer: &Layer<'_>, context: CompileMode, path: &ModulePath) -> Result<Compiled> {
        let failed =
            |message: String| Error::Layer { path: path.clone(), ty: layer.object.ty.name(), message };
        self.note(path, CompileMode::Trace, layer.object.ty.name(), None);
        let name = format!("__torch__.{}", layer.class);
        let origin = Origin::Layer(layer.object.ty);
        let look = match &layer.inside {
            Inside::Known(look) => look,
            Inside::Opaque if context == CompileMode::Script => {
                return Err(failed(
                    "what it takes is not known, so it can only be a part of a traced module\n\
                     help: put it into a module with `#[compile_mode(trace)]` that has `#[tracing_inputs]`, \
                     or write its layers as fields"
                        .into(),
                ));
            }
            Inside::Function(function) if context == CompileMode::Script => {
                return self.function_value(&**function, path);
            }
            Inside::Opaque | Inside::Function(_) => {
                // A layer of size zero holds no tensors.
                let hidden = if layer.object.identified().is_some() {
                    std::mem::take(&mut self.hidden)
                } else {
                    vec![]
                };
                let shape = Shape { slots: captured(hidden).collect(), ..Shape::default() };
                let class = self.classes.get_or_create(origin, &name, &shape, |_| Ok(()))?;
                return Ok(Compiled { module: class.instance(&shape)?, class, callees: vec![] });
            }
        };
        let contents =
            quiet::catch(look).map_err(quiet::message).and_then(|contents| contents).map_err(failed)?;
        let slots =
            contents.tensors.into_iter().map(|(name, kind, tensor)| (name, Slot::Tensor { kind, tensor }));
        let shape = Shape { slots: slots.collect(), ..Shape::default() };
        let known = if contents.uniform { self.classes.known(origin, &shape) } else { None };
        let class = match known {
            Some(class) => class,
            None => {
                let candidate = self.classes.candidate(origin, &name, &shape)?;
                let recorder = candidate.instance(&shape)?;
                let mut graphs = vec![];
                for method in &contents.methods {
                    graphs.push((method.name.to_owned(), record(&recorder, method)?.map_err(failed)?));
                }
                self.classes.traced(origin, &name, &shape, &candidate, &graphs, |class| {
                    if !contents.source.is_empty() {
                        class.define_source(&contents.source)?;
                    }
                    Ok(())
                })?
            }
        };
        Ok(Compiled { module: class.instance(&shape)?, class, callees: vec![] })
    }
}

/// Hidden tensors as members: they have no names in Rust, and become `captured_0`, `captured_1`, ….
pub fn captured(hidden: Vec<Tensor>) -> impl Iterator<Item = (String, Slot)> {
    hidden.into_iter().enumerate().map(|(i, tensor)| {
        let kind = if tensor.requires_grad() { TensorKind::Parameter } else { TensorKind::Buffer };
        (format!("captured_{i}"), Slot::Tensor { kind, tensor: Some(tensor) })
    })
}

/// Records one run of a layer's method. The graph keeps no shapes, which would be those of the example. Afterwards
/// buffers and random state are as before. The inner error is the layer's own message.
fn record(
    recorder: &ffi::JitModule,
    method: &TracedMethod<'_>,
) -> Result<std::result::Result<ffi::Graph, String>> {
    let snapshot = Snapshot::of_module(recorder)?;
    let inputs: Vec<Value> = method.example.iter().map(Value::tensor).collect();
    let result = quiet::catch(|| {
        let types = vec![Some(Type::tensor()); inputs.len()];
        let signature = ffi::TraceSignature { names: method.args, types: &types, output: None };
        ffi::trace::<String, _>(recorder, &inputs, &signature, None, |args| {
            let args: Vec<_> = args.iter().filter_map(Value::as_tensor).collect();
            let outputs: Vec<Value> = (method.run)(&args).iter().map(Value::tensor).collect();
            Ok(match &outputs[..] {
                [output] => output.clone(),
                several => Value::tuple(several),
            })
        })
    });
    snapshot.restore()?;
    Ok(match result {
        Ok(Ok((graph, _))) => {
            graph.erase_shapes();
            Ok(graph)
        }
        Ok(Err(ffi::TraceFailure::Body(message))) => Err(message),
        Ok(Err(ffi::TraceFailure::Torch(failure))) => Err(failure.to_string()),
        Ok(Err(ffi::TraceFailure::Panic(payload))) | Err(payload) => Err(quiet::message(payload)),
    })
}

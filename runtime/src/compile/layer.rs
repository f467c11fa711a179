//! Layers of tch: each method is recorded once, on the first of its examples that it accepts.

use super::class::Shape;
use super::trace::layer_shape;
use super::{Compiled, Session};
use crate::error::{Error, Result};
use crate::ffi::{self, Value};
use crate::layer::{Behaviour, Layer, TracedMethod};
use crate::mode::CompileMode;
use crate::place::ModulePath;
use crate::quiet;
use crate::script_module::ModuleMeta;
use crate::snapshot::Snapshot;

impl Session<'_> {
    pub(super) fn layer(&mut self, layer: &Layer<'_>, context: CompileMode, path: &ModulePath) -> Result<Compiled> {
        let failed = |message: String| Error::Layer { path: path.clone(), ty: layer.ty, message };
        self.metas.insert(
            path.as_str().to_owned(),
            ModuleMeta { mode: CompileMode::Trace, ty: layer.ty.to_owned() },
        );
        let name = format!("__torch__.torch.nn.modules.{}", layer.class);
        let key = format!("layer {} {}", layer.ty, layer.class);
        let (methods, source) = match &layer.behaviour {
            Behaviour::Traced { methods, source } => (methods, source),
            Behaviour::Impossible(why) => return Err(failed(why.clone())),
            Behaviour::Opaque if context == CompileMode::Script => {
                return Err(failed(
                    "what it takes is not known, so it can only be a part of a traced module\n\
                     help: put it into a module with `#[compile_mode(trace)]` that has `#[tracing_inputs]`, \
                     or write its layers as fields"
                        .into(),
                ));
            }
            Behaviour::Opaque => {
                let shape = layer_shape(layer, std::mem::take(&mut self.hidden));
                let class = self.classes.get_or_create(&self.unit, &key, &name, &shape, |_| Ok(()))?;
                return Ok(Compiled { module: class.instance(&shape)?, class, callees: vec![] });
            }
        };
        let shape: Shape = layer_shape(layer, vec![]);
        let candidate = self.classes.candidate(&self.unit, &key, &name, &shape)?;
        let recorder = candidate.instance(&shape)?;
        let mut graphs = vec![];
        for method in methods {
            graphs.push((method.name, record(&recorder, method).map_err(failed)?));
        }
        let class = self.classes.traced(&self.unit, &key, &name, &shape, &candidate, &graphs, |class| {
            if !source.is_empty() {
                class.define_source(source)?;
            }
            Ok(())
        })?;
        Ok(Compiled { module: class.instance(&shape)?, class, callees: vec![] })
    }
}

/// Tries the examples in order; the message is that of the last failure.
fn record(recorder: &ffi::Module, method: &TracedMethod<'_>) -> std::result::Result<ffi::Graph, String> {
    let mut failure = String::from("there is no example input");
    for example in &method.examples {
        let snapshot = Snapshot::of_module(recorder).map_err(|error| error.to_string())?;
        let inputs: Vec<Value> = example.iter().map(Value::tensor).collect();
        // An eager run first: libtorch prints a warning for each trace that is given up.
        let accepted = quiet::catch(|| (method.run)(example));
        let result = accepted.map_err(quiet::message).and_then(|_| {
            quiet::catch(|| {
                ffi::trace::<String, _>(recorder, &inputs, method.args, true, |args| {
                    let args: Vec<_> = args.iter().filter_map(Value::as_tensor).collect();
                    let outputs: Vec<Value> = (method.run)(&args).iter().map(Value::tensor).collect();
                    Ok(match &outputs[..] {
                        [output] => output.clone(),
                        several => Value::tuple(several),
                    })
                })
            })
            .map_err(quiet::message)
            .and_then(|traced| {
                traced.map_err(|failure| match failure {
                    ffi::TraceFailure::Body(message) => message,
                    ffi::TraceFailure::Panic(payload) => quiet::message(payload),
                    ffi::TraceFailure::Torch(failure) => failure.to_string(),
                })
            })
        });
        snapshot.restore().map_err(|error| error.to_string())?;
        match result {
            Ok(graph) => return Ok(graph),
            Err(message) => failure = message,
        }
    }
    Err(failure)
}

//! YOLO's detection layer: boxes from a feature map, on a grid and with anchors.

use integration_tests::tensors::randn;
use integration_tests::{agree, alone};
use tch::Tensor;
use tch::kind::FLOAT_CPU;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
#[derive(Debug)]
struct Detection {
    image_height: i64,
    classes: i64,
    anchors: Vec<(i64, i64)>,
}

#[methods]
impl Detection {
    fn forward(&self, xs: &Tensor) -> Tensor {
        let (bsize, _channels, height, _width) = xs.size4().unwrap();
        let stride = self.image_height / height;
        let grid_size = self.image_height / stride;
        let bbox_attrs = 5 + self.classes;
        let nanchors = self.anchors.len() as i64;
        let xs = xs
            .view((bsize, bbox_attrs * nanchors, grid_size * grid_size))
            .transpose(1, 2)
            .contiguous()
            .view((bsize, grid_size * grid_size * nanchors, bbox_attrs));
        let grid = Tensor::arange(grid_size, FLOAT_CPU);
        let a = grid.repeat([grid_size, 1]);
        let b = a.tr().contiguous();
        let x_offset = a.view((-1, 1));
        let y_offset = b.view((-1, 1));
        let xy_offset =
            Tensor::cat(&[x_offset, y_offset], 1).repeat([1, nanchors]).view((-1, 2)).unsqueeze(0);
        let anchors: Vec<f32> = self
            .anchors
            .iter()
            .flat_map(|&(x, y)| vec![x as f32 / stride as f32, y as f32 / stride as f32].into_iter())
            .collect();
        let anchors =
            Tensor::from_slice(&anchors).view((-1, 2)).repeat([grid_size * grid_size, 1]).unsqueeze(0);
        let mut xy = xs.narrow(2, 0, 2);
        xy.copy_(&(xy.sigmoid() + xy_offset));
        let mut scores = xs.narrow(2, 4, 1 + self.classes);
        scores.copy_(&scores.sigmoid());
        let mut size = xs.narrow(2, 2, 2);
        size.copy_(&(size.exp() * anchors));
        let mut boxes = xs.narrow(2, 0, 4);
        boxes.copy_(&(&boxes * stride));
        xs
    }
}

#[test]
fn detection() {
    let _alone = alone();
    let layer = Detection { image_height: 32, classes: 2, anchors: vec![(10, 13), (16, 30), (33, 23)] };
    let compiled = tch_jit::compile(&layer).unwrap_or_else(|error| panic!("{error}"));
    agree(&layer, &compiled, &[(randn(&[1, 21, 4, 4]),), (randn(&[2, 21, 8, 8]),)]);
}

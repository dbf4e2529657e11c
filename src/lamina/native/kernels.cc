// What XLA calls: arrays and settings in, kernels run.
#include <initializer_list>
#include <string>

#include "adam.h"
#include "attention.h"
#include "batch_norm.h"
#include "convolution.h"
#include "cross_entropy.h"
#include "finite.h"
#include "first_extreme.h"
#include "gelu.h"
#include "gru.h"
#include "layer_norm.h"
#include "lstm.h"
#include "outer_product.h"

namespace ffi = xla::ffi;
using Floats = ffi::Buffer<ffi::F32>;
using Result = ffi::Result<Floats>;
using Labels = ffi::Buffer<ffi::S32>;
using Flags = ffi::Buffer<ffi::PRED>;
using Dimensions = ffi::AnyBuffer::Dimensions;
using Sizes = ffi::Span<const int64_t>;

namespace lamina {

// A kernel trusts sizes, so they are looked at here once more: callers have sent what does not fit to the plain form.
template <typename Array>
bool is(const Array& array, std::initializer_list<int64_t> sizes) {
  const auto own = array.dimensions();
  return std::equal(own.begin(), own.end(), sizes.begin(), sizes.end());
}

ffi::Error misfit(const char* kernel) { return ffi::Error::InvalidArgument(std::string(kernel) + ": sizes do not fit"); }

// x is (N, T, F), h (N, U); an empty mask is none.
Loop loop_over(const Floats& x, const Floats& h, const Flags& mask, bool reverse) {
  const auto sizes = x.dimensions();
  return {sizes[0], sizes[1], sizes[2], h.dimensions()[1], reverse, mask.element_count() ? mask.typed_data() : nullptr};
}

// Whether a layer's arrays go with x (N, T, F) and h (N, U).
bool fits(const Loop& loop, const Floats& kernel, const Floats& recurrent, const Floats& h, const Flags& mask,
          int64_t gates) {
  const int64_t width = gates * loop.units;
  return is(kernel, {loop.features, width}) && is(recurrent, {loop.units, width}) && is(h, {loop.batch, loop.units}) &&
         (!loop.mask || is(mask, {loop.batch, loop.steps}));
}

const float* if_any(const Floats& x) { return x.element_count() ? x.typed_data() : nullptr; }

ffi::Error lstm(ffi::ThreadPool pool, Floats x, Floats kernel, Floats recurrent, Floats bias, Floats h, Floats c,
                Flags mask, Result hs, Result last_h, Result last_c, Result cs, Result gates, Result squashed,
                bool reverse) {
  const Loop loop = loop_over(x, h, mask, reverse);
  if (!fits(loop, kernel, recurrent, h, mask, 4) || !is(bias, {4 * loop.units}) || !is(c, {loop.batch, loop.units}))
    return misfit("lstm");
  Lstm{loop, x.typed_data(), kernel.typed_data(), recurrent.typed_data(), bias.typed_data(),
       h.typed_data(), c.typed_data(), hs->typed_data(), last_h->typed_data(), last_c->typed_data(), cs->typed_data(),
       gates->typed_data(), squashed->typed_data()}
      .run(pool);
  return ffi::Error::Success();
}

ffi::Error lstm_pull(ffi::ThreadPool pool, Floats kernel, Floats recurrent, Floats cs, Floats gates, Floats squashed,
                     Floats g_hs, Floats g_h, Floats g_c, Flags mask, Result g_z, Result g_x, Result g_h0, Result g_c0,
                     bool reverse) {
  const Loop loop = loop_over(*g_x, g_h, mask, reverse);
  if (!fits(loop, kernel, recurrent, g_h, mask, 4) || !is(g_c, {loop.batch, loop.units})) return misfit("lstm_pull");
  LstmPull{loop, kernel.typed_data(), recurrent.typed_data(), cs.typed_data(),
           gates.typed_data(), squashed.typed_data(), if_any(g_hs), g_h.typed_data(), g_c.typed_data(),
           g_z->typed_data(), g_x->typed_data(), g_h0->typed_data(), g_c0->typed_data()}
      .run(pool);
  return ffi::Error::Success();
}

ffi::Error gru(ffi::ThreadPool pool, Floats x, Floats kernel, Floats recurrent, Floats bias, Floats h, Flags mask,
               Result hs, Result last, Result gates, Result candidates, Result reached, bool reverse) {
  const Loop loop = loop_over(x, h, mask, reverse);
  if (!fits(loop, kernel, recurrent, h, mask, 3) || !is(bias, {2, 3 * loop.units})) return misfit("gru");
  Gru{loop, x.typed_data(), kernel.typed_data(), recurrent.typed_data(), bias.typed_data(),
      h.typed_data(), hs->typed_data(), last->typed_data(), gates->typed_data(), candidates->typed_data(),
      reached->typed_data()}
      .run(pool);
  return ffi::Error::Success();
}

ffi::Error gru_pull(ffi::ThreadPool pool, Floats kernel, Floats recurrent, Floats h, Floats hs, Floats gates,
                    Floats candidates, Floats reached, Floats g_hs, Floats g_h, Flags mask, Result g_z, Result g_inner,
                    Result g_x, Result g_h0, bool reverse) {
  const Loop loop = loop_over(*g_x, h, mask, reverse);
  if (!fits(loop, kernel, recurrent, h, mask, 3) || !is(g_h, {loop.batch, loop.units})) return misfit("gru_pull");
  GruPull{loop, kernel.typed_data(), recurrent.typed_data(), h.typed_data(),
          hs.typed_data(), gates.typed_data(), candidates.typed_data(), reached.typed_data(), if_any(g_hs),
          g_h.typed_data(), g_z->typed_data(), g_inner->typed_data(), g_x->typed_data(), g_h0->typed_data()}
      .run(pool);
  return ffi::Error::Success();
}

ffi::Error gelu(ffi::ThreadPool pool, Floats x, Floats bias, Result y, Result slope) {
  const int64_t width = x.dimensions().size() ? x.dimensions().back() : 1;
  if (bias.element_count() && !is(bias, {width})) return misfit("gelu");
  Gelu{static_cast<int64_t>(x.element_count()), width, x.typed_data(), if_any(bias), y->typed_data(), slope->typed_data()}
      .run(pool);
  return ffi::Error::Success();
}

ffi::Error cross_entropy(ffi::ThreadPool pool, Floats logits, Labels labels, Result losses, Result log_sums) {
  if (!is(labels, {logits.dimensions()[0]})) return misfit("cross_entropy");
  CrossEntropy{logits.dimensions()[0], logits.dimensions()[1], logits.typed_data(), labels.typed_data(),
               losses->typed_data(), log_sums->typed_data()}
      .run(pool);
  return ffi::Error::Success();
}

ffi::Error cross_entropy_pull(ffi::ThreadPool pool, Floats logits, Labels labels, Floats log_sums, Floats of_sum,
                              Floats of_label, Result g_logits) {
  if (!is(labels, {logits.dimensions()[0]})) return misfit("cross_entropy_pull");
  CrossEntropyPull{logits.dimensions()[0], logits.dimensions()[1], logits.typed_data(), labels.typed_data(),
                   log_sums.typed_data(), of_sum.typed_data(), of_label.typed_data(), g_logits->typed_data()}
      .run(pool);
  return ffi::Error::Success();
}

ffi::Error outer_product(ffi::ThreadPool pool, Floats a, Floats b, Result c) {
  const auto sizes = a.dimensions();
  if (b.dimensions()[0] != sizes[0]) return misfit("outer_product");
  OuterProduct{sizes[0], sizes[1], b.dimensions()[1], a.typed_data(), b.typed_data(), c->typed_data()}.run(pool);
  return ffi::Error::Success();
}

ffi::Error layer_norm(ffi::ThreadPool pool, Floats x, Floats gamma, Floats beta, Result y, Result means,
                      Result inverses, float epsilon) {
  if (!is(gamma, {x.dimensions()[1]}) || !is(beta, {x.dimensions()[1]})) return misfit("layer_norm");
  LayerNorm{x.dimensions()[0], x.dimensions()[1], x.typed_data(), gamma.typed_data(), beta.typed_data(), epsilon,
            y->typed_data(), means->typed_data(), inverses->typed_data()}
      .run(pool);
  return ffi::Error::Success();
}

ffi::Error layer_norm_pull(ffi::ThreadPool pool, Floats x, Floats gamma, Floats means, Floats inverses, Floats g,
                           Result g_x, Result g_gamma, Result g_beta) {
  const int64_t pieces = (x.dimensions()[0] + kSomeNorms - 1) / kSomeNorms;  // one row of sums for each
  if (!is(gamma, {x.dimensions()[1]}) || !is(*g_gamma, {pieces, x.dimensions()[1]})) return misfit("layer_norm_pull");
  LayerNormPull{x.dimensions()[0], x.dimensions()[1], x.typed_data(), gamma.typed_data(), means.typed_data(),
                inverses.typed_data(), g.typed_data(), g_x->typed_data(), g_gamma->typed_data(), g_beta->typed_data()}
      .run(pool);
  return ffi::Error::Success();
}

ffi::Error moments(ffi::ThreadPool pool, Floats x, Result mean, Result variance) {
  const int64_t channels = x.dimensions().back(), rows = x.element_count() / std::max<int64_t>(1, channels);
  if (!is(*mean, {channels}) || !is(*variance, {channels})) return misfit("moments");
  Moments{{rows, channels}, x.typed_data(), mean->typed_data(), variance->typed_data()}.run(pool);
  return ffi::Error::Success();
}

ffi::Error batch_norm_pull(ffi::ThreadPool pool, Floats x, Floats gamma, Floats mean, Floats variance, Floats g,
                           Result g_x, Result g_gamma, Result g_beta, float epsilon) {
  const int64_t channels = x.dimensions().back(), rows = x.element_count() / std::max<int64_t>(1, channels);
  if (!is(gamma, {channels}) || !is(mean, {channels}) || !is(variance, {channels}) ||
      g.element_count() != x.element_count())
    return misfit("batch_norm_pull");
  BatchNormPull{{rows, channels}, x.typed_data(), gamma.typed_data(), mean.typed_data(), variance.typed_data(),
                g.typed_data(), epsilon, g_x->typed_data(), g_gamma->typed_data(), g_beta->typed_data()}
      .run(pool);
  return ffi::Error::Success();
}

ffi::Error finite(ffi::ThreadPool pool, ffi::RemainingArgs arrays, ffi::Result<Flags> result) {
  std::vector<Numbers> all;
  for (size_t i = 0; i < arrays.size(); ++i) {
    const auto array = arrays.get<Floats>(i);
    if (!array) return array.error();
    all.push_back({array->typed_data(), static_cast<int64_t>(array->element_count())});
  }
  *result->typed_data() = all_finite(pool, all);
  return ffi::Error::Success();
}

ffi::Error first_extreme(ffi::ThreadPool pool, Floats x, ffi::Result<Labels> places, bool least) {
  const auto sizes = x.dimensions();
  if (!is(*places, {sizes[0]}) || !sizes[1]) return misfit("first_extreme");
  FirstExtreme{sizes[0], sizes[1], x.typed_data(), least ? -1.0f : 1.0f, places->typed_data()}.run(pool);
  return ffi::Error::Success();
}

// For each tensor w, g, m, v and now, which holds what differs from step to step.
ffi::Error adam(ffi::ThreadPool pool, ffi::RemainingArgs arrays, ffi::RemainingRets results, float beta_1, float beta_2,
                float epsilon) {
  if (arrays.size() % 5 || results.size() != arrays.size() / 5 * 3) return misfit("adam");
  std::vector<Adam> all;
  for (size_t i = 0; i < arrays.size() / 5; ++i) {
    const auto given = [&](size_t k) { return *arrays.get<Floats>(5 * i + k); };
    const auto result = [&](size_t k) { return (*results.get<Floats>(3 * i + k))->typed_data(); };
    const Floats w = given(0), g = given(1), now = given(4);
    if (g.element_count() != w.element_count() || now.element_count() != 3) return misfit("adam");
    const float* numbers = now.typed_data();
    all.push_back({static_cast<int64_t>(w.element_count()), w.typed_data(), g.typed_data(), given(2).typed_data(),
                   given(3).typed_data(), numbers[0], numbers[1], numbers[2], beta_1, beta_2, epsilon, result(0),
                   result(1), result(2)});
  }
  run_all(pool, all);
  return ffi::Error::Success();
}

// Arrays are (N, T, A, H); the mask broadcasts to (N, A, T, S), or is empty.
Attention attention_of(const Floats& query, const Floats& key, const Floats& value, const Flags& mask, int64_t* steps,
                       float scale, bool causal) {
  const auto q = query.dimensions(), k = key.dimensions(), v = value.dimensions(), m = mask.dimensions();
  if (mask.element_count()) {
    int64_t step = 1;
    for (int i = 3; i >= 0; step *= m[i--]) steps[i] = m[i] == 1 ? 0 : step;
  }
  return {q[0], q[2], k[2], q[1], k[1], q[3], v[3], scale, causal, mask.element_count() ? mask.typed_data() : nullptr,
          steps, query.typed_data(), key.typed_data(), value.typed_data()};
}

bool fits(const Attention& all, const Floats& key, const Floats& value, const Flags& mask) {
  const int64_t scores[4] = {all.samples, all.heads, all.queries, all.keys};
  for (int i = 0; all.mask && i < 4; ++i)
    if (mask.dimensions()[i] != 1 && mask.dimensions()[i] != scores[i]) return false;
  return all.heads % all.key_heads == 0 && is(key, {all.samples, all.keys, all.key_heads, all.width}) &&
         is(value, {all.samples, all.keys, all.key_heads, all.value_width});
}

ffi::Error attend(ffi::ThreadPool pool, Floats query, Floats key, Floats value, Flags mask, Result output,
                  Result log_sums, float scale, bool causal) {
  int64_t steps[4] = {};
  const Attention all = attention_of(query, key, value, mask, steps, scale, causal);
  if (!fits(all, key, value, mask)) return misfit("attend");
  Attend{all, output->typed_data(), log_sums->typed_data()}
      .run(pool);
  return ffi::Error::Success();
}

ffi::Error attend_pull(ffi::ThreadPool pool, Floats query, Floats key, Floats value, Flags mask, Floats g,
                       Floats log_sums, Floats through, Result g_query, Result g_key, Result g_value, float scale,
                       bool causal) {
  int64_t steps[4] = {};
  const Attention all = attention_of(query, key, value, mask, steps, scale, causal);
  if (!fits(all, key, value, mask)) return misfit("attend_pull");
  AttendPull{all, g.typed_data(), log_sums.typed_data(),
             through.typed_data(), g_query->typed_data(), g_key->typed_data(), g_value->typed_data()}
      .run(pool);
  return ffi::Error::Success();
}

// x (N, H, W, C), kernel (K, K, C, U) and y (N, H', W', U); `window` holds strides, dilation and the padding before.
Convolution convolution_of(Dimensions x, Dimensions kernel, Dimensions y, Sizes window) {
  const auto image = [](Dimensions sizes) { return Image{sizes[1], sizes[2], sizes[3]}; };
  return {x[0], image(x), image(y), {kernel[0], kernel[1]}, {window[0], window[1]}, {window[2], window[3]},
          {window[4], window[5]}};
}

bool fits(const Convolution& all, Dimensions kernel, Dimensions y) {
  return y[0] == all.samples && kernel[2] == all.input.channels && kernel[3] == all.output.channels;
}

ffi::Error convolve(ffi::ThreadPool pool, Floats x, Floats kernel, Result y, Sizes window) {
  const Convolution all = convolution_of(x.dimensions(), kernel.dimensions(), y->dimensions(), window);
  if (!fits(all, kernel.dimensions(), y->dimensions())) return misfit("convolve");
  Convolve{all, x.typed_data(), kernel.typed_data(), y->typed_data()}.run(pool);
  return ffi::Error::Success();
}

ffi::Error convolve_input_pull(ffi::ThreadPool pool, Floats g, Floats kernel, Result g_x, Sizes window) {
  const Convolution all = convolution_of(g_x->dimensions(), kernel.dimensions(), g.dimensions(), window);
  if (!fits(all, kernel.dimensions(), g.dimensions())) return misfit("convolve_input_pull");
  ConvolveInputPull{all, g.typed_data(), kernel.typed_data(), g_x->typed_data()}.run(pool);
  return ffi::Error::Success();
}

ffi::Error convolve_kernel_pull(ffi::ThreadPool pool, Floats x, Floats g, Result g_kernel, Result sums, Sizes window) {
  const Convolution all = convolution_of(x.dimensions(), g_kernel->dimensions(), g.dimensions(), window);
  const int64_t groups = sums->dimensions()[0];
  if (!fits(all, g_kernel->dimensions(), g.dimensions()) || !is(*sums, {groups, all.kernel_size()}))
    return misfit("convolve_kernel_pull");
  ConvolveKernelPull{all, x.typed_data(), g.typed_data(), g_kernel->typed_data(), sums->typed_data(), groups}.run(pool);
  return ffi::Error::Success();
}

}  // namespace lamina

#define LAMINA_KERNEL(name, ...) \
  XLA_FFI_DEFINE_HANDLER_SYMBOL(lamina_##name, lamina::name, ffi::Ffi::Bind().Ctx<ffi::ThreadPool>() __VA_ARGS__)
#define F .Arg<Floats>()
#define R .Ret<Floats>()
#define MASK .Arg<Flags>()
#define LABELS .Arg<Labels>()

LAMINA_KERNEL(lstm, F F F F F F MASK R R R R R R.Attr<bool>("reverse"));
LAMINA_KERNEL(lstm_pull, F F F F F F F F MASK R R R R.Attr<bool>("reverse"));
LAMINA_KERNEL(gru, F F F F F MASK R R R R R.Attr<bool>("reverse"));
LAMINA_KERNEL(gru_pull, F F F F F F F F F MASK R R R R.Attr<bool>("reverse"));
LAMINA_KERNEL(attend, F F F MASK R R.Attr<float>("scale").Attr<bool>("causal"));
LAMINA_KERNEL(attend_pull, F F F MASK F F F R R R.Attr<float>("scale").Attr<bool>("causal"));
LAMINA_KERNEL(gelu, F F R R);
LAMINA_KERNEL(cross_entropy, F LABELS R R);
LAMINA_KERNEL(cross_entropy_pull, F LABELS F F F R);
LAMINA_KERNEL(outer_product, F F R);
LAMINA_KERNEL(layer_norm, F F F R R R.Attr<float>("epsilon"));
LAMINA_KERNEL(layer_norm_pull, F F F F F R R R);
LAMINA_KERNEL(convolve, F F R.Attr<Sizes>("window"));
LAMINA_KERNEL(convolve_input_pull, F F R.Attr<Sizes>("window"));
LAMINA_KERNEL(convolve_kernel_pull, F F R R.Attr<Sizes>("window"));
LAMINA_KERNEL(moments, F R R);
LAMINA_KERNEL(batch_norm_pull, F F F F F R R R.Attr<float>("epsilon"));
LAMINA_KERNEL(finite, .RemainingArgs().Ret<Flags>());
LAMINA_KERNEL(first_extreme, F.Ret<Labels>().Attr<bool>("least"));
LAMINA_KERNEL(adam, .RemainingArgs().RemainingRets().Attr<float>("beta_1").Attr<float>("beta_2").Attr<float>("epsilon"));

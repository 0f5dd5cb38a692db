"""The reference beside PyTorch: equal to 1e-12 in float64 where the conventions agree.

Where they don't, the test says which convention differs, shows how far the two are apart, and that
nothing else differs. Skipped where PyTorch isn't installed.
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from autograder.reference.adaptive import (
    adadelta_step,
    adagrad_step,
    adam_step,
    adam_uncorrected_step,
    rmsprop_step,
)
from autograder.reference.initialization import init_he, init_xavier
from autograder.reference.minibatch import cross_entropy, mse
from autograder.reference.momentum import momentum_step, nesterov_step, running_sum_step
from autograder.reference.regularization import dropout_forward, weight_decay_step
from autograder.reference.schedules import (
    cosine_annealing,
    exponential_decay,
    radam_step,
    step_decay,
)
from autograder.reference.second_order import lbfgs_direction
from autograder.reference.stability import (
    batchnorm_backward,
    batchnorm_forward,
    batchnorm_running,
    clip_by_norm,
)
from descentlab.states import AdadeltaState, AdamState

torch = pytest.importorskip("torch")

CLOSE = {"rtol": 1e-12, "atol": 1e-12}
START = np.array([1.0, -2.0, 0.5, 3.0])
GRADS = np.random.default_rng(0).normal(size=(12, 4)) * [0.01, 1.0, 1.0, 100.0]
COARSE = {"rtol": 1e-4}  # a difference of conventions is above this, a rounding far below


def leaf(array):
    return torch.tensor(array, dtype=torch.float64, requires_grad=True)


def torch_path(make, grads=GRADS):
    """The points that a PyTorch optimizer visits when these gradients come one after the other."""
    theta, path = leaf(START), []
    optimizer = make([theta])
    for grad in grads:
        theta.grad = torch.tensor(grad)
        optimizer.step()
        path.append(theta.detach().numpy().copy())
    return np.array(path)


def our_path(rule, state, grads=GRADS, **hyper):
    theta, path = START, []
    for grad in grads:
        theta, state = rule(theta, grad, state, **hyper)
        path.append(theta)
    return np.array(path)


def apart(one, two):
    """How far two paths differ, relative to how far they move."""
    return np.max(np.abs(one - two)) / np.max(np.abs(one - START))


# Where the conventions agree


def test_sgd_with_momentum_is_the_running_sum():
    theirs = torch_path(lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.8))
    assert_allclose(our_path(running_sum_step, np.zeros(4), lr=0.1, rho=0.8), theirs, **CLOSE)


def test_adam_agrees_eps_and_all():
    theirs = torch_path(lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.8, 0.95), eps=0.3))
    hyper = {"lr": 0.1, "beta1": 0.8, "beta2": 0.95, "eps": 0.3}
    assert_allclose(our_path(adam_step, AdamState.zeros(START), **hyper), theirs, **CLOSE)


def test_adadelta_agrees_eps_and_all():
    theirs = torch_path(lambda p: torch.optim.Adadelta(p, lr=0.7, rho=0.8, eps=0.03))
    ours = our_path(adadelta_step, AdadeltaState.zeros(START), lr=0.7, rho=0.8, eps=0.03)
    assert_allclose(ours, theirs, **CLOSE)


@pytest.mark.parametrize(
    ("schedule", "make"),
    [
        (
            lambda t: step_decay(0.3, t, drop=0.7, every=3),
            lambda o: torch.optim.lr_scheduler.StepLR(o, step_size=3, gamma=0.7),
        ),
        (
            lambda t: exponential_decay(0.3, t, k=0.2),
            lambda o: torch.optim.lr_scheduler.ExponentialLR(o, gamma=np.exp(-0.2)),
        ),
        (
            lambda t: cosine_annealing(0.3, t, 4, lr_min=0.01),
            lambda o: torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(o, T_0=4, eta_min=0.01),
        ),
    ],
)
def test_schedules_agree(schedule, make):
    optimizer = torch.optim.SGD([leaf(START)], lr=0.3)
    scheduler = make(optimizer)
    for t in range(10):
        assert schedule(t) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12)
        optimizer.step()
        scheduler.step()


def test_batch_norms_outputs_and_gradients_agree():
    """Both normalize with the biased variance."""
    rng = np.random.default_rng(1)
    x, dout, gamma, beta = (
        rng.normal(size=(5, 3)),
        rng.normal(size=(5, 3)),
        *rng.normal(size=(2, 3)),
    )
    out, cache = batchnorm_forward(x, gamma, beta, eps=0.1)
    ins = [leaf(a) for a in (x, gamma, beta)]
    theirs = torch.nn.functional.batch_norm(ins[0], None, None, *ins[1:], training=True, eps=0.1)
    theirs.backward(torch.tensor(dout))
    assert_allclose(out, theirs.detach(), **CLOSE)
    for ours, their in zip(batchnorm_backward(dout, cache), ins, strict=True):
        assert_allclose(ours, their.grad, **CLOSE)


def test_dropout_takes_the_same_p_and_scale():
    x, p = np.full((200, 50), 3.0), 0.3
    out, _ = dropout_forward(x, p, np.random.default_rng(2))
    torch.manual_seed(2)
    theirs = torch.nn.functional.dropout(torch.tensor(x), p).numpy()
    assert_allclose(np.unique(out), np.unique(theirs), **CLOSE)
    # counts of 10000 chances p: five standard errors of a difference
    assert abs(np.sum(out == 0) - np.sum(theirs == 0)) < 5 * (2 * 10_000 * p * (1 - p)) ** 0.5


def test_initial_widths_agree():
    """PyTorch's weights are (n_out, n_in), so its fan-in is the number of columns."""
    torch.manual_seed(3)
    he = torch.nn.init.kaiming_normal_(torch.empty(300, 200)).std().item()
    xavier = torch.nn.init.xavier_normal_(torch.empty(300, 200)).std().item()
    rng = np.random.default_rng(3)
    bound = 5 * (2 * 0.5 / 60_000) ** 0.5  # two standard deviations of 60000 draws each
    assert np.std(init_he([200, 300], rng)[0][0]) == pytest.approx(he, rel=bound)
    assert np.std(init_xavier([200, 300], rng)[0][0]) == pytest.approx(xavier, rel=bound)


def test_lbfgs_walks_pytorchs_path():
    """Same two loops and the same H₀; PyTorch shortens its first step to lr · min(1, 1/‖g‖₁)."""
    hessian = np.diag([1.0, 3.0, 10.0, 30.0])
    theta = leaf(START)
    optimizer = torch.optim.LBFGS([theta], lr=0.5, max_iter=1, history_size=3, tolerance_change=0)
    points = [START]

    def closure():
        optimizer.zero_grad()
        loss = 0.5 * theta @ torch.tensor(hessian) @ theta
        loss.backward()
        return loss

    for _ in range(7):
        optimizer.step(closure)
        points.append(theta.detach().numpy().copy())
    grads = points @ hessian
    s_list, y_list = list(np.diff(points, axis=0)), list(np.diff(grads, axis=0))
    assert_allclose(s_list[0], 0.5 * -grads[0] / np.abs(grads[0]).sum(), **CLOSE)
    for k in range(1, 7):
        newest = slice(max(0, k - 3), k)
        direction = lbfgs_direction(grads[k], s_list[newest], y_list[newest])
        # s and y are differences of rounded points, divided by one another
        assert_allclose(0.5 * direction, s_list[k], rtol=1e-9, atol=1e-11)


# Where they differ


def test_sgd_keeps_the_rate_outside_the_velocity_so_a_new_rate_parts_the_paths():
    theta = leaf(START)
    optimizer = torch.optim.SGD([theta], lr=0.1, momentum=0.8)
    ours, v, gaps = START, np.zeros(4), []
    for step, grad in enumerate(GRADS):
        optimizer.param_groups[0]["lr"] = lr = 0.1 if step < 6 else 0.01
        theta.grad = torch.tensor(grad)
        optimizer.step()
        ours, v = momentum_step(ours, grad, v, lr=lr, beta=0.8)
        gaps.append(apart(ours, theta.detach().numpy()))
    assert max(gaps[:6]) < 1e-12
    assert min(gaps[6:]) > 0.1


def test_nesterovs_variable_is_the_point_ahead():
    """PyTorch stores θ − βv, where v is ours: its parameters are never the true position."""
    theta = leaf(START)
    optimizer = torch.optim.SGD([theta], lr=0.05, momentum=0.8, nesterov=True)
    ours, v = START, np.zeros(4)
    for _ in range(8):
        theta.grad = torch.cos(theta.detach())
        optimizer.step()
        ours, v = nesterov_step(ours, np.cos, v, lr=0.05, beta=0.8)
        theirs = theta.detach().numpy()
        assert_allclose(ours - 0.8 * v, theirs, **CLOSE)
        assert apart(ours, theirs) > 0.1


@pytest.mark.parametrize(
    ("rule", "state", "hyper", "make"),
    [
        (adagrad_step, np.zeros(4), {}, lambda p, eps: torch.optim.Adagrad(p, lr=0.1, eps=eps)),
        (
            rmsprop_step,
            np.zeros(4),
            {"beta": 0.8},
            lambda p, eps: torch.optim.RMSprop(p, lr=0.1, alpha=0.8, eps=eps),
        ),
    ],
)
def test_adagrad_and_rmsprop_put_eps_outside_the_root(rule, state, hyper, make):
    ours = our_path(rule, state, lr=0.1, eps=0.0, **hyper)
    assert_allclose(ours, torch_path(lambda p: make(p, 0.0)), **CLOSE)
    # where the gradient is tiny, ε is all there is: √ε inside, ε outside
    tiny = np.full((1, 4), 1e-7)
    ours = our_path(rule, state, tiny, lr=0.1, eps=0.01, **hyper) - START
    for eps, ratio in ((0.1, 1), (0.01, 10)):
        theirs = torch_path(lambda p, eps=eps: make(p, eps), tiny) - START
        assert_allclose(theirs / ours, ratio, rtol=1e-4)  # g/ε is at most 1e-5


def test_kks_adam_lacks_the_correction_that_pytorch_has():
    ours = our_path(adam_uncorrected_step, AdamState.zeros(START), GRADS[:1], lr=0.1, eps=0.0)
    theirs = torch_path(lambda p: torch.optim.Adam(p, lr=0.1, eps=0.0), GRADS[:1])
    assert_allclose((ours - START) / (theirs - START), 0.1 / 0.001**0.5, rtol=1e-12)  # 3.2 α


@pytest.mark.parametrize(("beta2", "later"), [(0.999, [5]), (0.75, [6, 7])])
def test_radam_begins_to_adapt_later_in_pytorch(beta2, later):
    """The paper's threshold is ρ_t > 4, PyTorch's ρ_t > 5: they part where ρ_t lies between."""
    theta = leaf(START)
    optimizer = torch.optim.RAdam([theta], lr=0.1, betas=(0.8, beta2), eps=0.0)
    state, parted = AdamState.zeros(START), []
    for grad in GRADS:
        before = theta.detach().numpy().copy()
        theta.grad = torch.tensor(grad)
        optimizer.step()
        ours, state = radam_step(before, grad, state, lr=0.1, beta1=0.8, beta2=beta2, eps=0.0)
        theirs = theta.detach().numpy()
        if np.allclose(ours, theirs, **COARSE):
            assert_allclose(ours, theirs, **CLOSE)
        else:
            parted.append(state.t)
    assert parted == later


def test_radams_eps_stands_before_the_correction_of_v_in_pytorch():
    """PyTorch: √(1 − β₂ᵗ)/(√v + ε), which is the paper's with the larger ε/√(1 − β₂ᵗ)."""
    eps, beta2, grads = 0.3, 0.9, GRADS[:10]
    theirs = torch_path(lambda p: torch.optim.RAdam(p, lr=0.1, betas=(0.8, beta2), eps=eps), grads)
    hyper = {"lr": 0.1, "beta1": 0.8, "beta2": beta2}
    state = AdamState(*torch_moments(grads[:9], 0.8, beta2), 9)
    same, _ = radam_step(theirs[8], grads[9], state, **hyper, eps=eps / (1 - beta2**10) ** 0.5)
    other, _ = radam_step(theirs[8], grads[9], state, **hyper, eps=eps)
    assert_allclose(same, theirs[9], **CLOSE)
    assert not np.allclose(other, theirs[9], **COARSE)


def torch_moments(grads, beta1, beta2):
    """The moments that PyTorch's Adam holds after these gradients."""
    theta = leaf(START)
    optimizer = torch.optim.Adam([theta], betas=(beta1, beta2))
    for grad in grads:
        theta.grad = torch.tensor(grad)
        optimizer.step()
    held = optimizer.state[theta]
    return held["exp_avg"].numpy(), held["exp_avg_sq"].numpy()


def test_weight_decay_before_the_step_is_pytorchs_and_after_it_is_sl2s():
    """SGD's λ pulls with the gradient; SL2's decay is SGD at rate αw with λ = (1 − w)/(αw)."""
    alpha, w, grads = 0.3, 0.8, GRADS[:1]
    ours = weight_decay_step(START, grads[0], lr=alpha, w=w)

    def sgd(lr, decay):
        return torch_path(lambda p: torch.optim.SGD(p, lr=lr, weight_decay=decay), grads)[0]

    assert_allclose(ours, sgd(alpha * w, (1 - w) / (alpha * w)), **CLOSE)
    assert apart(ours, sgd(alpha, (1 - w) / alpha)) > 0.01


def test_batch_norms_running_variance_is_unbiased_in_pytorch_and_its_momentum_the_new_share():
    x, old_mean, old_var = GRADS[:, 1:3], np.array([0.5, -1.0]), np.array([2.0, 3.0])
    layer = torch.nn.BatchNorm1d(2, momentum=0.3, dtype=torch.float64)
    layer.running_mean.copy_(torch.tensor(old_mean))
    layer.running_var.copy_(torch.tensor(old_var))
    layer(torch.tensor(x))
    mean, var = batchnorm_running(old_mean, old_var, x, momentum=1 - 0.3)
    n = len(x)
    assert_allclose(mean, layer.running_mean, **CLOSE)
    biased = (layer.running_var.numpy() - 0.7 * old_var) * (n - 1) / n + 0.7 * old_var
    assert_allclose(var, biased, **CLOSE)
    assert not np.allclose(var, layer.running_var, **COARSE)


def test_clipping_by_norm_adds_a_millionth_to_the_norm_in_pytorch():
    grad = np.array([3.0, -4.0])
    theta = leaf(np.zeros(2))
    theta.grad = torch.tensor(grad)
    torch.nn.utils.clip_grad_norm_([theta], max_norm=2.5)
    assert_allclose(clip_by_norm(grad, 2.5) * 5 / (5 + 1e-6), theta.grad, **CLOSE)
    assert_allclose(clip_by_norm(grad, 2.5), theta.grad, rtol=1e-6)


def test_cross_entropy_takes_logits_and_mse_divides_by_the_outputs_in_pytorch():
    logits, labels = GRADS[:5] / 10, np.array([0, 3, 1, 2, 2])
    theirs = torch.nn.functional.cross_entropy(torch.tensor(logits), torch.tensor(labels))
    probs = torch.softmax(torch.tensor(logits), dim=1).numpy()
    assert cross_entropy(probs, labels) == pytest.approx(theirs.item(), rel=1e-12)
    theirs = torch.nn.functional.mse_loss(torch.tensor(logits), torch.tensor(probs))
    assert mse(logits, probs) == pytest.approx(4 * theirs.item(), rel=1e-12)

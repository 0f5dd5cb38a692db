import numpy as np
from autograder.exercises.base import Exercise, rule_trials, slip, elsewhere
from autograder.exercises.questions import Choice

def hyper(rng): return {"lr": float(rng.uniform(.05,.3)), "beta": float(rng.uniform(.6,.85))}
def rho(rng): return {"lr": float(rng.uniform(.05,.3)), "rho": float(rng.uniform(.6,.85))}
st=lambda rng, shape: rng.normal(size=shape)
T=rule_trials(hyper, st, np.zeros_like)
EXERCISES=(
 Exercise("momentum_step","momentum",22,("theta","v"),T,mistakes=(
   slip("forgot_velocity","The old velocity is forgotten","Your velocity is α·grad alone, as if β were 0.",("beta * v + ",""),where="v ← **βv** + α∇L"),
   elsewhere("pytorch_form","PyTorch's form","Right elsewhere: α outside v.",("lr * grad","grad"),("theta - v","theta - lr * v"),where="v ← βv + **α**∇L"),
   slip("sign","The step goes uphill","You add v.",("theta - v","theta + v"),where="θ ← θ **−** v"),
   ),hints=("one","two"),praise="Set β = 0."),
 Exercise("heavy_ball_step","momentum",22,("theta","theta_prev"),rule_trials(hyper, st, lambda t:t.copy()),mistakes=(
   slip("difference_reversed","The last step is subtracted","reversed",("theta - theta_prev","theta_prev - theta")),)),
 Exercise("running_sum_step","momentum",20,("theta","v"),rule_trials(rho, st, np.zeros_like),mistakes=(
   slip("lr_inside","α inside v","inside",("+ grad","+ lr * grad"),("lr * v","v")),
   slip("averaged","A mean in place of a sum","mean",("+ grad","+ (1 - rho) * grad")),)),
 Exercise("nesterov_step","momentum",20,("theta","v"),rule_trials(hyper, st, np.zeros_like,as_function=True),mistakes=(
   slip("no_look_ahead","The gradient is asked for at θ","no",("theta - beta * v","theta")),
   slip("looked_back","Looked back","no",("theta - beta * v","theta + beta * v")),)),
 Choice("why_constant","momentum",5,"Why?",{"A":("because","yes"),"B":("never","no"),"C":("maybe","no!")},"A"),
 Choice("running_mean","momentum",5,"What is it?",{"A":("mean","no"),"B":("sum","yes")},"B"),
)

"""Hugging Face's transformers: `generate` with its key and value cache."""

from __future__ import annotations

import os

import torch
import transformers
from arrays import data_of
from job import Job
from workloads import PROMPT, Workload


class WritingJob(Job):
    def __init__(self, workload: Workload, seed: int) -> None:
        torch.manual_seed(seed)
        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
        self.workload, self.prompts = workload, torch.from_numpy(data_of(workload)[0][:, :PROMPT]).long()
        sizes = {
            "vocab_size": workload.vocabulary,
            "n_positions": workload.time,
            "n_embd": workload.width,
            "n_layer": 4,
        }
        self.model = transformers.GPT2LMHeadModel(transformers.GPT2Config(**sizes, n_head=8)).eval()

    @torch.no_grad()
    def write(self, prompt: torch.Tensor) -> torch.Tensor:
        rows = prompt[None]
        return self.model.generate(
            rows,
            attention_mask=torch.ones_like(rows),
            max_new_tokens=self.workload.time - PROMPT,
            do_sample=False,
            eos_token_id=None,
            pad_token_id=0,
        )[0]

    def fit(self) -> float:
        for prompt in self.prompts:
            self.write(prompt)
        return 0.0  # nothing is learned

    @torch.no_grad()
    def accuracy(self) -> float:
        """The share of tokens that are the most probable ones without a cache, too."""
        text = self.write(self.prompts[0])
        best = self.model(text[None, :-1]).logits[0].argmax(-1)
        return (best[PROMPT - 1 :] == text[PROMPT:]).float().mean().item()


def make_job(workload: Workload, seed: int) -> Job:
    return WritingJob(workload, seed)


def versions() -> str:
    return f"transformers {transformers.__version__}, PyTorch {torch.__version__}"
